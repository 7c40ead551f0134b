"""Changing a device that was sent back, over the API."""

import json

import pytest

from certificates.models import Counterparty, Device
from ledger.models import AuditEvent


@pytest.fixture
def draft(trail):
    Device.objects.filter(pk=trail.device.pk).update(
        status="draft", technology_code="T020001", energy_source_code="F01050100"
    )
    return trail.device


def patch(call, device, key="k", **changes):
    return call(
        "patch",
        f"devices/{device.gsrn}/",
        key=key,
        data=json.dumps(changes),
        content_type="application/json",
    )


def test_what_is_changed_is_handed_in_again_and_the_rest_stays(call, draft):
    answer = patch(call, draft, capacity_w=3_000_000)
    body = answer.json()
    assert (answer.status_code, body["status"], body["capacity_w"]) == (200, "submitted", 3_000_000)
    assert body["name"] == draft.name
    assert patch(call, draft, capacity_w=3_000_000)["Idempotent-Replayed"] == "true"
    assert patch(call, draft, "k2", capacity_w=3_000_000).status_code == 200
    assert AuditEvent.objects.filter(action="device.changed").count() == 1


def test_a_change_without_a_key_is_refused(call, draft):
    answer = patch(call, draft, key="", capacity_w=3_000_000)
    assert answer.json()["code"] == "idempotency_key_missing"


@pytest.mark.parametrize(
    "changes",
    [
        {"gsrn": "735999000000000000"},
        {"organisation": "charge"},
        {"capacity_w": -1},
        {"colour": "red"},
        {"technology_code": "T010000"},
        {"area": "nowhere"},
    ],
)
def test_a_wrong_change_is_explained_and_nothing_is_handed_in(call, draft, changes):
    answer = patch(call, draft, **changes)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_device")
    assert Device.objects.get(pk=draft.pk).status == "draft"


def test_an_approved_device_keeps_its_facts(call, trail):
    Device.objects.filter(pk=trail.device.pk).update(status="approved")
    answer = patch(call, trail.device, capacity_w=1)
    assert (answer.status_code, answer.json()["code"]) == (422, "application_refused")


def test_an_approved_device_gets_another_name_and_its_old_one_is_kept(call, trail, other):
    Device.objects.filter(pk=trail.device.pk).update(status="approved")
    before = trail.device.name
    assert patch(call, trail.device, name="Other").json()["name"] == "Other"
    path = f"devices/{trail.device.gsrn}/changes/"
    (row,) = call("get", path).json()["results"]
    assert row["changed"] == {"name": [before, "Other"]}
    assert call("get", path, secret=call.key(other.producer)).status_code == 404


def test_a_list_is_no_change_and_anothers_device_is_not_there(call, draft, other):
    path = f"devices/{draft.gsrn}/"
    sent = {"key": "k", "data": "[1]", "content_type": "application/json"}
    assert call("patch", path, **sent).status_code == 422
    assert patch(call, other.device, name="Mine").status_code == 404


def test_a_device_of_whole_certificates_is_registered_and_shown_so(call, trail):
    facts = {
        "name": "Roof",
        "technology_code": "T010100",
        "energy_source_code": "F01040100",
        "capacity_w": 5_000,
        "area": trail.area.code,
        "commissioned_on": "2016-04-01",
        "whole_certificates": True,
    }
    made = call("post", "devices/", key="k", data=json.dumps(facts))
    assert (made.status_code, made.json()["whole_certificates"]) == (201, True)
    wrong = call("post", "devices/", key="k2", data=json.dumps(facts | {"whole_certificates": 1}))
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "whole_certificates")
    hourly = {"device": made.json()["gsrn"], "to": trail.company.slug, "wh_per_hour": 5}
    Counterparty.objects.all().delete()
    refused = call("post", "agreements/", key="k3", data=json.dumps(hourly))
    assert refused.json()["code"] == "agreement_refused"
    assert "certified in whole MWh" in refused.json()["detail"]
