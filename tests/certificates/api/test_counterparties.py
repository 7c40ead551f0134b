"""Allowing and denying over the API."""

import json

import pytest

from certificates.models import Counterparty
from certificates.services.holding.counterparties import set_rule
from tests.fixtures.api import NOW


@pytest.fixture(autouse=True)
def empty_lists(trail):
    Counterparty.objects.all().delete()


def put(call, key="k", **line):
    return call("post", "counterparties/", key=key, data=json.dumps(line))


def test_a_line_is_set_listed_changed_and_removed(call, trail):
    slug = trail.company.slug
    first = put(call, other=slug, rule="deny")
    assert (first.status_code, first.json()["rule"]) == (200, "deny")
    assert put(call, other=slug, rule="deny")["Idempotent-Replayed"] == "true"
    assert put(call, "k2", other=slug, rule="allow").json()["rule"] == "allow"
    rows = call("get", "counterparties/").json()["results"]
    assert [(row["other"], row["rule"]) for row in rows] == [(slug, "allow")]
    assert call("get", "counterparties/?rule=deny").json()["results"] == []
    lines = call("get", "counterparties/?format=csv").getvalue().decode().splitlines()
    assert lines[0] == "other,rule,noted_at"
    assert len(lines) == 2
    for key in ("r1", "r2"):
        assert call("post", f"counterparties/{slug}/remove/", key=key).status_code == 204
    assert not Counterparty.objects.exists()


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ({"other": "ghost", "rule": "deny"}, 422),
        ({"other": "ghost", "rule": "eat"}, 400),
        ({"rule": "deny"}, 400),
        ({"other": "a b", "rule": "deny"}, 400),
    ],
)
def test_a_wrong_line_is_a_problem_and_kept_nowhere(call, line, status):
    answer = put(call, **line)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert not Counterparty.objects.exists()


def test_the_lists_of_others_are_not_shown(call, trail, other):
    set_rule(
        organisation=trail.company, other=trail.producer, rule="deny", now=NOW, actor="somebody"
    )
    assert call("get", "counterparties/").json()["results"] == []
    refused = call(
        "post",
        "offers/",
        key="o",
        data=json.dumps(
            {
                "to": trail.company.slug,
                "certificates": [
                    {"asset": row["asset"], "amount_wh": row["amount_wh"]}
                    for row in call("get", "certificates/").json()["results"]
                ],
            }
        ),
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "counterparty_refused")
    assert "has denied" in refused.json()["detail"]
