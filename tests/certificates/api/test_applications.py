"""Registrars decide over the API on what was handed in; what it may name is listed."""

import json

import pytest

from certificates.domain.eecs import check_pair
from certificates.models import Device, OrganisationRole
from certificates.services import reference
from ledger.models import AuditEvent

FACTS = {
    "name": "Hill",
    "technology_code": "T020001",
    "energy_source_code": "F01050100",
    "capacity_w": 3_000_000,
    "area": "10YGB----------A",
    "commissioned_on": "2016-05-01",
}


@pytest.fixture
def registrar(call, other):
    OrganisationRole.objects.create(organisation=other.company, role="registrar")
    return call.key(other.company)


@pytest.fixture
def hill(call):
    reference.load()
    return hand_in(call, "a").json()["gsrn"]


def hand_in(call, key, **changes):
    return call("post", "devices/", key=key, data=json.dumps(FACTS | changes))


def decide(call, gsrn, verb, key, secret, **body):
    path = f"applications/{gsrn}/{verb}/"
    return call("post", path, key=key, secret=secret, data=json.dumps(body))


def test_the_same_facts_under_another_key_are_the_device_that_waits(call, hill):
    assert hand_in(call, "b").json()["gsrn"] == hill
    assert hand_in(call, "c", name="Hill 2").json()["gsrn"] != hill


def test_a_device_is_sent_back_changed_and_approved(call, registrar, hill):
    (row,) = call("get", "applications/", secret=registrar).json()["results"]
    assert row["gsrn"] == hill
    back = decide(call, hill, "send-back", "s", registrar, reason="Which hill?")
    assert back.json()["status"] == "draft"
    change = json.dumps({"name": "North Hill"})
    json_body = {"content_type": "application/json"}
    call("patch", f"devices/{hill}/", key="p", data=change, **json_body)
    approved = decide(call, hill, "approve", "a", registrar)
    assert (approved.json()["status"], approved.json()["name"]) == ("approved", "North Hill")
    assert call("get", "applications/", secret=registrar).json()["results"] == []
    actor = AuditEvent.objects.filter(action="device.approved").latest("pk").actor
    assert "API key" in actor


@pytest.mark.parametrize("verb", ["approve", "send-back"])
def test_nobody_else_decides(call, hill, verb):
    answer = decide(call, hill, verb, "k", "", reason="x")
    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")
    assert Device.objects.get(gsrn=hill).status == "submitted"


def test_only_what_was_handed_in_is_decided_on(call, registrar, trail):
    answer = decide(call, trail.device.gsrn, "approve", "k", registrar)
    assert (answer.status_code, answer.json()["code"]) == (422, "application_refused")
    assert decide(call, "735999000000000999", "approve", "l", registrar).status_code == 404


@pytest.mark.parametrize("body", ["[1]", '"Hill"', "7", "null"])
@pytest.mark.parametrize("path", ["devices/", "storage/"])
def test_a_body_that_is_no_object_is_refused_in_words(call, path, body):
    answer = call("post", path, key="k", data=body)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("Send the facts as one object")


def test_all_that_is_missing_is_named_at_once(call):
    words = call("post", "devices/", key="k", data='{"name": "Hill"}').json()["detail"]
    assert words.startswith("Missing: technology_code, energy_source_code, capacity_w, area")


def test_areas_and_codes_are_listed_as_devices_name_them(call):
    reference.load()
    (area,) = call("get", "areas/?code=10YGB----------A").json()["results"]
    assert (area["country"], area["timezone"]) == ("GB", "Europe/London")
    rows = call("get", "technologies/").json()
    for row in rows:
        assert row["energy_sources"]
        for source in row["energy_sources"]:
            check_pair(row["code"], source["code"])
    assert "T020001" in {row["code"] for row in rows}
