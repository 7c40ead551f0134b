"""What is chosen by facts: looked at first, then moved, and exactly that."""

import json
from urllib.parse import urlencode

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certificates.models import Organisation
from certificates.queries.holding.holdings import held_by_state, holdings
from ledger.models import Entry, IdempotentRequest
from tests.fixtures.api import Caller

JANUARY = {"starts_from": "2018-01-01T00:00:00Z", "starts_before": "2018-02-01T00:00:00Z"}


@pytest.fixture
def call(client, farm, produce):
    produce("1", "2", "3", "4")
    return Caller(client, farm)


def look(call, **select):
    return call("get", f"certificates/selection/?{urlencode(select, doseq=True)}")


def act(call, verb, key="k", **body):
    return call("post", verb, key=key, data=json.dumps(body))


def amounts(organisation):
    return {row.code: row.amount_wh for row in holdings(organisation)}


def test_a_look_says_what_of_which_plant_and_moves_nothing(call, farm, device):
    before = amounts(farm)
    body = look(call, technology="wind", amount_wh=2_500, **JANUARY).json()
    assert (body["lots"], body["amount_wh"]) == (2, 2_500)
    (line,) = body["devices"]
    assert (line["device"], line["lots"], line["amount_wh"]) == (device.gsrn, 2, 2_500)
    assert [each["amount_wh"] for each in body["certificates"]] == [1_000, 1_500]
    assert amounts(farm) == before
    assert look(call, devices=[device.gsrn, device.gsrn]).json()["amount_wh"] == 10_000


@pytest.mark.parametrize(
    ("select", "status", "code"),
    [
        ({}, 400, "invalid_request"),
        ({"technology": "winnd"}, 400, "invalid_request"),
        ({"starts_from": "2018-01-01"}, 400, "invalid_request"),
        ({"tecnology": "wind"}, 400, "unknown_parameter"),
        ({"technology": "solar"}, 422, "selection_refused"),
        ({"technology": "wind", "amount_wh": 10_001}, 422, "selection_refused"),
    ],
)
def test_a_choice_that_is_none_is_refused_in_words(call, select, status, code):
    answer = look(call, **select)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert len(answer.json()["detail"]) > 20


@settings(
    max_examples=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    amount=st.none() | st.integers(1, 10_000),
    verb=st.sampled_from(["certificates/transfer/", "certificates/reserve/", "offers/"]),
    first=st.integers(0, 3),
)
def test_what_a_look_shows_is_exactly_what_moves(call, farm, company, amount, verb, first):
    """Of any choice and by any verb: certificate by certificate, to the Wh."""
    select = {"technology": "wind", "starts_from": f"2018-01-01T{first:02}:00:00Z"}
    select |= {} if amount is None else {"amount_wh": amount}
    with transaction.atomic():
        seen, before = look(call, **select), amounts(farm)
        if seen.status_code == 200:
            body = {"select": select | {"mark": seen.json()["mark"]}}
            to = {} if "reserve" in verb else {"to": company.slug}
            assert act(call, verb, **body, **to).status_code in (200, 201)
            moved = {
                code: wh - amounts(farm).get(code, 0)
                for code, wh in before.items()
                if wh != amounts(farm).get(code, 0)
            }
            shown = seen.json()["certificates"]
            assert moved == {each["asset"]: each["amount_wh"] for each in shown}
        else:
            later = sum(row.amount_wh for row in holdings(farm) if row.starts_at.hour >= first)
            assert (amount or 1) > later
        transaction.set_rollback(True)


def test_an_act_is_refused_once_its_choice_picks_something_else(call, farm, company):
    select = {"technology": "wind", "amount_wh": 1_500}
    select["mark"] = look(call, **select).json()["mark"]
    first = act(call, "certificates/transfer/", "a", to=company.slug, select=select)
    assert first.json() == {"event": "transfer", "lines": 2, "amount_wh": 1_500}
    for verb in ("certificates/transfer/", "offers/"):
        again = act(call, verb, "b", to=company.slug, select=select)
        assert (again.status_code, again.json()["code"]) == (409, "selection_changed")
    assert sum(amounts(company).values()) == 1_500


def test_a_transfer_by_choice_whose_answer_was_lost_moves_once(call, farm, company):
    body = {"to": company.slug, "select": {"technology": "wind", "amount_wh": 1_500}}
    first = act(call, "certificates/transfer/", **body).json()
    IdempotentRequest.objects.all().delete()  # as after a crash, a quarter of an hour later
    assert act(call, "certificates/transfer/", **body).json() == first
    assert (sum(amounts(farm).values()), Entry.objects.filter(kind="transfer").count()) == (
        8_500,
        1,
    )


def test_lines_or_a_choice_are_sent_not_both(call, company):
    body = {"to": company.slug, "select": {"technology": "wind"}, "certificates": []}
    assert act(call, "certificates/transfer/", **body).status_code == 400
    assert act(call, "certificates/transfer/", to=company.slug).status_code == 400


def test_what_lies_in_an_offer_is_listed_for_both_sides(call, farm, company, client):
    offer = act(call, "offers/", to=company.slug, select={"amount_wh": 1_500}).json()["id"]
    other = call.key(company)
    for secret in (call.secret, other):
        rows = call("get", f"offers/{offer}/certificates/", secret=secret).json()["results"]
        assert sorted(row["amount_wh"] for row in rows) == [500, 1_000]
    path = f"offers/{offer}/accept/"
    less = call("post", path, key="a", secret=other, data=json.dumps({"amount_wh": 1_499}))
    assert less.json()["code"] == "selection_changed"
    done = call("post", path, key="b", secret=other, data=json.dumps({"amount_wh": 1_500}))
    assert done.json()["moved_wh"] == 1_500
    assert call("get", f"offers/{offer}/certificates/").json()["results"] == []


def test_a_reservation_by_choice_takes_out_of_reach(call, farm):
    assert act(call, "certificates/reserve/", select={"amount_wh": 3_500}).json()["lines"] == 3
    held = held_by_state(Organisation.objects.get(pk=farm.pk))
    assert (held["active"], held["reserved"]) == (6_500, 3_500)
