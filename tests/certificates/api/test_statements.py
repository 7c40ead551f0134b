"""Cancelling for a beneficiary and offering to another organisation over the API."""

import json

import pytest

from certificates.models import Cancellation, Offer, Retirement
from certificates.queries.holding.holdings import held_by_state, held_wh
from ledger.models import IdempotentRequest

USE = {
    "kind": "organisation",
    "name": "Bakery",
    "country": "GB",
    "purpose": "Disclosure",
    "consumption_starts_at": "2018-01-01T00:00:00Z",
    "consumption_ends_at": "2018-02-01T00:00:00Z",
}


def lines(trail, wh):
    return [{"asset": trail.asset.code, "amount_wh": wh}]


def cancel(call, trail, wh=300, key="k", **changes):
    body = {"certificates": lines(trail, wh), "beneficiary": USE | changes}
    return call("post", "certificates/cancel/", key=key, data=json.dumps(body))


def offer(call, trail, wh=300, key="k", **more):
    body = {"certificates": lines(trail, wh), "to": trail.company.slug, **more}
    return call("post", "offers/", key=key, data=json.dumps(body))


def test_a_cancellation_uses_the_certificates_and_answers_with_its_statement(call, trail):
    answer = cancel(call, trail)
    assert answer.status_code == 201
    body = answer.json()
    assert (body["amount_wh"], body["beneficiary"], body["status"]) == (300, "Bakery", "done")
    assert body["page"].endswith(f"/statements/{body['public_id']}/")
    assert held_wh(trail.producer) == 100
    shown = call("get", f"statements/{body['public_id']}/").json()
    assert shown == body
    (row,) = call("get", "statements/?status=done").json()["results"]
    assert row["public_id"] == body["public_id"]


def test_a_cancellation_is_done_once_even_when_its_answer_was_lost(call, trail):
    before = Cancellation.objects.count()
    first = cancel(call, trail, wh=400).json()
    IdempotentRequest.objects.all().delete()
    again = cancel(call, trail, wh=400)
    assert (again.status_code, again.json()) == (201, first)
    assert Cancellation.objects.count() == before + 1
    assert Retirement.objects.filter(lot=trail.lot, claimant=trail.producer).count() == 1


def test_what_cannot_be_cancelled_is_named_and_nothing_is_used(call, trail):
    before = Cancellation.objects.count()
    answer = cancel(call, trail, wh=401)
    assert (answer.status_code, answer.json()["code"]) == (422, "lines_refused")
    assert answer.json()["errors"][0]["line"] == 1
    assert held_wh(trail.producer) == 400
    assert Cancellation.objects.count() == before


@pytest.mark.parametrize(
    ("field", "value"), [("country", "gb"), ("kind", "cat"), ("consumption_ends_at", "x")]
)
def test_a_beneficiary_that_cannot_be_is_explained(call, trail, field, value):
    answer = cancel(call, trail, **{field: value})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == f"beneficiary.{field}"


def test_a_statement_of_another_is_not_there(call, trail, other):
    made = cancel(call, trail).json()
    secret = call.key(other.producer)
    assert call("get", f"statements/{made['public_id']}/", secret=secret).status_code == 404


def test_an_offer_is_accepted_by_the_other_side_once(call, trail):
    made = offer(call, trail, message="January").json()
    assert (made["status"], made["amount_wh"]) == ("open", 300)
    assert held_by_state(trail.producer)["active"] == 100
    secret = call.key(trail.company)
    path = f"offers/{made['id']}/accept/"
    taken = call("post", path, key="a", secret=secret)
    assert (taken.json()["status"], taken.json()["moved_wh"]) == ("accepted", 300)
    assert call("post", path, key="b", secret=secret).json() == taken.json()
    assert held_wh(trail.company) == 300


@pytest.mark.parametrize(("event", "status"), [("reject", "rejected"), ("withdraw", "withdrawn")])
def test_an_offer_that_ends_gives_back_what_it_held(call, trail, event, status):
    made = offer(call, trail).json()
    secret = call.key(trail.company) if event == "reject" else ""
    ended = call("post", f"offers/{made['id']}/{event}/", key="e", secret=secret)
    assert ended.json()["status"] == status
    assert held_wh(trail.producer) == 400


def test_nobody_accepts_its_own_offer_or_sees_anothers(call, trail, other):
    made = offer(call, trail).json()
    own = call("post", f"offers/{made['id']}/accept/", key="a")
    assert (own.status_code, own.json()["code"]) == (409, "offer_refused")
    stranger = call.key(other.company)
    path = f"offers/{made['id']}/"
    assert call("get", path, secret=stranger).status_code == 404
    assert call("post", f"{path}accept/", key="b", secret=stranger).status_code == 404
    assert Offer.objects.get(pk=made["id"]).status == "open"


def test_an_offer_made_twice_is_one(call, trail):
    first = offer(call, trail).json()
    IdempotentRequest.objects.all().delete()
    assert offer(call, trail).json() == first


def select(call, path, key="k", **body):
    return call("post", path, key=key, data=json.dumps(body))


def test_certificates_are_picked_by_plant_and_time_for_a_use_and_an_offer(call, trail):
    picked = {
        "devices": [trail.device.gsrn],
        "starts_from": "2018-01-01T00:00:00Z",
        "starts_before": "2018-02-01T00:00:00Z",
        "amount_wh": 300,
    }
    used = select(call, "certificates/cancel/", select=picked, beneficiary=USE)
    assert (used.status_code, used.json()["amount_wh"]) == (201, 300)
    IdempotentRequest.objects.all().delete()
    again = select(call, "certificates/cancel/", select=picked, beneficiary=USE)
    assert again.json() == used.json()
    offered = select(call, "offers/", "o", select={"technology": "wind"}, to=trail.company.slug)
    assert (offered.status_code, offered.json()["amount_wh"]) == (201, 100)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"select": {}},
        {"select": {"colour": "green"}},
        {"select": {"devices": ["x"]}},
        {"select": {"amount_wh": 0}},
        {"select": {"technology": "magic"}},
        {"select": 7},
        {"select": {"amount_wh": 1}, "certificates": [{"asset": "0" * 40, "amount_wh": 1}]},
    ],
)
@pytest.mark.parametrize("path", ["certificates/cancel/", "offers/"])
def test_a_choice_that_picks_nothing_or_all_is_refused(call, trail, path, body):
    more = {"to": trail.company.slug} if path == "offers/" else {"beneficiary": USE}
    before = held_wh(trail.producer)
    assert select(call, path, **body, **more).status_code == 400
    assert held_wh(trail.producer) == before


def test_a_choice_that_finds_nothing_says_so(call, trail):
    answer = select(call, "certificates/cancel/", select={"area": "nowhere"}, beneficiary=USE)
    assert (answer.status_code, answer.json()["code"]) == (422, "selection_refused")
