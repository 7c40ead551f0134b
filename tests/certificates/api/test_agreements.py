"""Standing agreements over the API: given, proposed, answered, ended."""

import json
from datetime import UTC, datetime

import pytest

from certificates.models import Agreement, AgreementProposal, Counterparty
from certificates.services.holding.counterparties import set_rule
from tests.fixtures.api import NOW

START = "2019-01-01T00:00:00Z"


@pytest.fixture(autouse=True)
def empty_lists(trail):
    Counterparty.objects.all().delete()
    AgreementProposal.objects.all().delete()


@pytest.fixture
def buyer(call, trail):
    return call.key(trail.company)


def post(call, path, key, secret="", **body):
    return call("post", path, key=key, secret=secret, data=json.dumps(body))


def propose(call, trail, key="p", secret="", **changes):
    terms = {"device": trail.device.gsrn, "to": trail.company.slug, "starts_at": START}
    return post(call, "proposals/", key, secret, **(terms | {"wh_per_hour": 500} | changes))


def test_a_proposal_is_accepted_by_the_other_side_and_then_in_force(call, trail, buyer):
    made = propose(call, trail)
    assert (made.status_code, made.json()["status"]) == (201, "open")
    path = f"proposals/{made.json()['id']}/"
    own = post(call, f"{path}accept/", "a1")
    assert (own.status_code, own.json()["code"]) == (422, "agreement_refused")
    taken = post(call, f"{path}accept/", "a2", buyer).json()
    assert taken["status"] == "accepted"
    agreed = call("get", f"agreements/{taken['agreement']}/").json()
    assert (agreed["wh_per_hour"], agreed["share_ppm"], agreed["ended_from"]) == (500, 0, None)
    assert post(call, f"{path}accept/", "a3", buyer).json() == taken
    assert post(call, f"{path}reject/", "r", buyer).status_code == 422
    assert call("get", path).json() == taken


def test_the_receiver_may_ask_the_owner_of_a_plant_that_all_may_see(call, trail, buyer):
    made = propose(call, trail, secret=buyer)
    assert made.json()["proposed_by"] == trail.company.slug
    path = f"proposals/{made.json()['id']}/"
    assert post(call, f"{path}reject/", "r").json()["status"] == "rejected"
    back = propose(call, trail, key="p2", secret=buyer).json()
    withdrawn = post(call, f"proposals/{back['id']}/withdraw/", "w", buyer)
    assert withdrawn.json()["status"] == "withdrawn"
    rows = call("get", "proposals/?status=withdrawn").json()["results"]
    assert [row["id"] for row in rows] == [back["id"]]


def test_proposals_and_agreements_of_others_are_not_there(call, trail, other):
    pk = propose(call, trail).json()["id"]
    stranger = call.key(other.company)
    assert call("get", f"proposals/{pk}/", secret=stranger).status_code == 404
    assert post(call, f"proposals/{pk}/accept/", "x", stranger).status_code == 404
    mine = Agreement.objects.get(device=trail.device)
    assert call("get", f"agreements/{mine.pk}/", secret=stranger).status_code == 404
    assert post(call, f"agreements/{mine.pk}/end/", "y", stranger).status_code == 404


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"share_ppm": 1}, 400),
        ({"wh_per_hour": None}, 400),
        ({"wh_per_hour": 0}, 400),
        ({"wh_per_hour": 10**13}, 400),
        ({"percent": 3}, 400),
        ({"device": "9" * 18}, 404),
        ({"device": "x"}, 400),
        ({"to": "ghost"}, 422),
        ({"ends_at": START}, 422),
        ({"starts_at": "soon"}, 400),
    ],
)
@pytest.mark.parametrize("path", ["proposals/", "agreements/"])
def test_wrong_terms_are_explained_and_kept_nowhere(path, call, trail, changes, status):
    before = Agreement.objects.count()
    terms = {"device": trail.device.gsrn, "to": trail.company.slug, "starts_at": START}
    answer = post(call, path, "k", **(terms | {"wh_per_hour": 500} | changes))
    assert answer.status_code in ({status, 422} if "device" in changes else {status})
    assert answer["Content-Type"] == "application/problem+json"
    assert (AgreementProposal.objects.count(), Agreement.objects.count()) == (0, before)


def test_wh_of_every_hour_are_given_and_ended_by_either_side(call, trail, buyer):
    terms = {"device": trail.device.gsrn, "to": trail.company.slug, "starts_at": START}
    made = post(call, "agreements/", "g", **terms, wh_per_hour=700)
    assert (made.status_code, made.json()["wh_per_hour"]) == (201, 700)
    path = f"agreements/{made.json()['id']}/end/"
    early = post(call, path, "e1", buyer, ended_from="2020-01-01T00:00:00Z")
    assert (early.status_code, early.json()["code"]) == (422, "agreement_refused")
    ended = post(call, path, "e2", buyer)
    assert datetime.fromisoformat(ended.json()["ended_from"]) > datetime.now(UTC)
    assert post(call, path, "e3").json() == ended.json()


def test_nobody_is_given_what_they_have_denied(call, trail):
    set_rule(organisation=trail.company, other=trail.producer, rule="deny", now=NOW, actor="t")
    terms = {"device": trail.device.gsrn, "to": trail.company.slug, "starts_at": START}
    for path in ("agreements/", "proposals/"):
        refused = post(call, path, f"k{path}", **terms, wh_per_hour=700)
        assert (refused.status_code, refused.json()["code"]) == (422, "counterparty_refused")
