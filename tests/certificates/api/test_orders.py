"""Standing orders over the API: placed, looked at, paused, run, ended."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from certificates.models import StandingOrder, StandingRun
from certificates.services.holding.standing_orders import run_due

FOR_ACME = {"kind": "organisation", "name": "Acme Ltd", "country": "GB", "purpose": "Office"}


@pytest.fixture(autouse=True)
def no_orders(trail):
    StandingRun.objects.all().delete()
    StandingOrder.objects.all().delete()


@pytest.fixture
def month():
    return timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def post(call, path, key, secret="", **body):
    return call("post", path, key=key, secret=secret, data=json.dumps(body))


def place(call, month, key="p", **changes):
    terms = {"every": "month", "starts_at": month.isoformat(), "beneficiary": FOR_ACME}
    body = terms | {"wh_per_hour": 500} | changes
    return post(call, "standing-orders/", key, **{k: v for k, v in body.items() if v is not None})


def test_an_order_is_placed_once_and_shows_its_next_run(call, month):
    made = place(call, month)
    assert made.status_code == 201, made.content
    assert place(call, month).json() == made.json()
    order = made.json()
    assert (order["status"], order["wh_per_hour"], order["share_ppm"]) == ("active", 500, 0)
    assert order["next_run"]["amount_wh"] == 0
    path = f"standing-orders/{order['id']}/"
    assert call("get", path).json() == order
    assert [each["id"] for each in call("get", "standing-orders/").json()["results"]] == [
        order["id"]
    ]
    later = month + timedelta(days=60)
    assert run_due(now=later) == 1
    (run,) = call("get", f"{path}runs/").json()["results"]
    assert (run["amount_wh"], run["statement"]) == (0, None)


def test_an_order_without_an_end_may_begin_on_a_leap_day(call):
    assert place(call, datetime(2096, 2, 29, tzinfo=UTC)).status_code == 201


def test_it_is_paused_resumed_and_ended_by_its_holder_alone(call, month, other):
    path = f"standing-orders/{place(call, month).json()['id']}/"
    stranger = call.key(other.company)
    for act in ("pause", "resume", "end"):
        assert post(call, f"{path}{act}/", f"x{act}", stranger).status_code == 404
    assert call("get", path, secret=stranger).status_code == 404
    assert call("get", f"{path}runs/", secret=stranger).status_code == 404
    assert post(call, f"{path}pause/", "1").json()["status"] == "paused"
    assert post(call, f"{path}pause/", "2").json()["status"] == "paused"
    assert post(call, f"{path}resume/", "3").json()["status"] == "active"
    ended = post(call, f"{path}end/", "4").json()
    assert (ended["status"], ended["next_run"]) == ("ended", None)
    refused = post(call, f"{path}resume/", "5")
    assert (refused.status_code, refused.json()["code"]) == (422, "order_refused")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"share_ppm": 1}, 400),
        ({"wh_per_hour": None}, 400),
        ({"wh_per_hour": 0}, 400),
        ({"every": "year"}, 400),
        ({"wait_days": 91}, 400),
        ({"technology": "magic"}, 400),
        ({"device": "9" * 18}, 422),
        ({"starts_at": "2018-01-01T00:00:00Z"}, 422),
        ({"starts_at": "9999-12-31T00:00:00Z"}, 422),
        ({"ends_at": "9999-12-31T23:59:59Z"}, 422),
        ({"beneficiary": FOR_ACME | {"name": ""}}, 400),
        ({"beneficiary": {"kind": "organisation", "country": "GB", "purpose": "x"}}, 422),
        ({"colour": "green"}, 400),
    ],
)
def test_wrong_terms_are_explained_and_kept_nowhere(call, month, changes, status):
    answer = place(call, month, **changes)
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert not StandingOrder.objects.exists()
