"""A device is handed over by API, and what each side sees of it before and after."""

import json

import pytest

from certificates.models import Device, Handover, OrganisationRole
from certificates.services.handovers import handovers
from certificates.services.storage.devices import register_storage
from tests.certificates.stored import storage_facts
from tests.fixtures.api import NOW

DAY = "2026-12-24"


@pytest.fixture(autouse=True)
def producers(trail, other):
    OrganisationRole.objects.get_or_create(organisation=other.producer, role="producer")
    Handover.objects.all().delete()


@pytest.fixture
def buyer(call, other):
    return call.key(other.producer)


def post(call, path, key, secret="", **body):
    return call("post", path, key=key, secret=secret, data=json.dumps(body))


def propose(call, trail, other, key="p", **changes):
    terms = {"device": trail.device.gsrn, "to": other.producer.slug, "effective_on": DAY}
    return post(call, "handovers/", key, **(terms | changes))


def test_both_sides_follow_a_handover_to_its_day(call, trail, other, buyer):
    made = propose(call, trail, other)
    assert (made.status_code, made.json()["status"]) == (201, "proposed")
    assert made.json()["effective_at"] == "2026-12-24T00:00:00Z"
    path = f"handovers/{made.json()['id']}/"
    assert call("get", path, secret=buyer).json()["debt_wh"] == 0
    own = post(call, f"{path}accept/", "a1", debt_wh=0)
    assert (own.status_code, own.json()["code"]) == (422, "handover_refused")
    taken = post(call, f"{path}accept/", "a2", buyer, debt_wh=0).json()
    assert (taken["status"], taken["accepted_debt_wh"]) == ("accepted", 0)
    assert post(call, f"{path}accept/", "a3", buyer, debt_wh=0).json() == taken
    assert post(call, f"{path}withdraw/", "w").json()["status"] == "withdrawn"
    assert post(call, f"{path}reject/", "r", buyer).status_code == 422


def test_a_seller_keeps_its_lots_and_readings_and_the_buyer_gets_the_device(
    call, trail, other, buyer
):
    lots = call("get", "lots/").json()["results"]
    readings = f"devices/{trail.device.gsrn}/readings/"
    before = call("get", readings).json()["results"]
    assert lots
    assert before
    made = handovers.propose(
        device=trail.device, to=other.producer, effective_on=NOW.date(), now=NOW
    )
    handovers.accept(handover=made, by=other.producer, debt_wh=0, now=NOW)
    handovers.approve(handover=made, now=NOW, actor="auditor")
    assert Device.objects.get(pk=trail.device.pk).organisation == other.producer
    assert call("get", "lots/").json()["results"] == lots
    assert call("get", readings).json()["results"] == before
    assert call("get", f"devices/{trail.device.gsrn}/").status_code == 404
    assert call("get", f"devices/{trail.device.gsrn}/", secret=buyer).status_code == 200
    sent = [{"starts_at": "2018-03-01T00:00:00Z", "energy_wh": 1}]
    assert post(call, readings, "late", readings=sent).status_code == 404


def test_handovers_of_others_are_not_there(call, trail, other, buyer):
    pk = propose(call, trail, other).json()["id"]
    stranger = call.key(trail.company)
    assert call("get", f"handovers/{pk}/", secret=stranger).status_code == 404
    for act in ("accept", "reject", "withdraw"):
        body = {"debt_wh": 0} if act == "accept" else {}
        assert post(call, f"handovers/{pk}/{act}/", act, stranger, **body).status_code == 404
    assert call("get", "handovers/", secret=stranger).json()["results"] == []
    rows = call("get", "handovers/?status=proposed", secret=buyer).json()["results"]
    assert [row["id"] for row in rows] == [pk]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"device": "9" * 18}, 422),
        ({"device": "x"}, 400),
        ({"to": "ghost"}, 422),
        ({"effective_on": "soon"}, 400),
        ({"effective_on": "9999-12-31"}, 422),
        ({"effective_on": "0001-01-01"}, 422),
        ({"message": "x" * 501}, 400),
    ],
)
def test_wrong_terms_are_explained_and_kept_nowhere(call, trail, other, changes, status):
    answer = propose(call, trail, other, **changes)
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert not Handover.objects.exists()


def test_of_storage_the_handover_says_what_is_left_in_it(call, trail, other, buyer):
    facts = storage_facts(
        organisation=trail.producer.slug, area=trail.device.area.code, opening_wh=700
    )
    battery = register_storage(facts=facts, now=NOW, approve=True)
    begins = f"{battery.storage_terms.starts_at:%Y-%m-%d}"
    refused = propose(call, trail, other, device=battery.gsrn)
    assert refused.status_code == 422
    assert "Choose one of these days" in refused.json()["detail"]
    made = propose(call, trail, other, key="p2", device=battery.gsrn, effective_on=begins).json()
    assert (made["stored_wh"], made["settled_until"]) == (700, f"{begins}T00:00:00Z")
    taken = post(call, f"handovers/{made['id']}/accept/", "a", buyer, debt_wh=0).json()
    assert (taken["status"], taken["stored_wh"]) == ("accepted", 700)
