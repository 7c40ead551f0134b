"""Standing wishes over the API."""

import pytest

from charging.models import StandingWish

NEW = {"kind": "tariff", "uid": "GREEN-FLEX", "first": True}


@pytest.fixture(autouse=True)
def charging_company(trail):
    trail.company.roles.get_or_create(role="charging_company")


def test_a_wish_is_set_once_per_key_listed_and_ended(call, other):
    for _ in range(2):
        answer = call("post", "standing-wishes/", key="a", data=NEW)
        assert answer.status_code == 201, answer.json()
    row = answer.json()
    assert (row["name"], row["first"], row["order"]) == ("GREEN-FLEX", True, [])
    assert [each["id"] for each in call("get", "standing-wishes/").json()["results"]] == [row["id"]]
    theirs = call.key(other.company)
    assert call("get", "standing-wishes/", secret=theirs).json()["results"] == []
    path = f"standing-wishes/{row['id']}/end/"
    ended = call("post", path, key="b", data={}).json()
    assert ended["valid_to"] is not None
    other.company.roles.get_or_create(role="charging_company")
    answer = call("post", path, key="c", data={}, secret=theirs)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_standing_wish")


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "car"},
        {"uid": ""},
        {"uid": "x" * 100},
        {"first": False},
        {"order": [{"source": "nothing"}]},
        {"order": "wind"},
        {"order": [{}] * 6},
        {"valid_from": "soon"},
    ],
)
def test_a_wish_that_cannot_be_is_a_problem(call, changes):
    answer = call("post", "standing-wishes/", key="a", data=NEW | changes)
    assert answer.status_code in (400, 422), answer.json()
    assert not StandingWish.objects.exists()
