"""Standing orders on the holder's pages."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from certificates.models import Membership, Role, StandingOrder, User
from certificates.services.holding.standing_orders import run_due


def page_of(organisation, role=Role.PRODUCER):
    person = User.objects.create(email=f"{organisation.slug}@example.org")
    Membership.objects.create(user=person, organisation=organisation, role=role)
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def desk(farm):
    return page_of(farm)


@pytest.fixture
def answers(device):
    return {
        "key": "page:1",
        "percent": "25",
        "every": "month",
        "wait_days": "5",
        "first_day": f"{timezone.now():%Y-%m-01}",
        "kind": "organisation",
        "beneficiary": "Acme Ltd",
        "country": "gb",
        "purpose": "Office",
    }


def text(answer):
    return " ".join(answer.content.decode().split())


def test_an_order_is_placed_once_and_shows_what_comes_next(desk, answers):
    address = reverse("orders")
    made = desk.post(address, answers)
    order = StandingOrder.objects.get()
    assert made["Location"] == f"{reverse('order', args=[order.pk])}?as=farm"
    assert desk.post(address, answers)["Location"] == made["Location"]
    assert (order.share_ppm, order.country) == (250_000, "GB")
    shown = text(desk.get(made["Location"]))
    assert "25 % for Acme Ltd" in shown
    assert "With what you hold now it would use <strong>0.000 kWh" in shown
    assert run_due(now=order.starts_at + timedelta(days=40)) == 1
    assert "nothing that fits was held" in text(desk.get(made["Location"]))
    assert "1 run so far" in text(desk.get(address))


def test_it_is_paused_resumed_and_ended(desk, answers, company):
    desk.post(reverse("orders"), answers)
    order = StandingOrder.objects.get()
    for event, state in (("pause", "paused"), ("resume", "active"), ("end", "ended")):
        assert desk.post(reverse("order_act", args=[order.pk, event])).status_code == 302
        order.refresh_from_db()
        assert order.status == state
    refused = desk.post(reverse("order_act", args=[order.pk, "resume"]))
    assert refused.status_code == 422
    assert "nobody can resume it" in text(refused)
    assert desk.post(reverse("order_act", args=[order.pk, "sell"])).status_code == 404
    stranger = page_of(company, Role.CHARGING_COMPANY)
    assert stranger.get(reverse("order", args=[order.pk])).status_code == 404
    assert stranger.post(reverse("order_act", args=[order.pk, "end"])).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"percent": ""},
        {"kwh_per_hour": "1"},
        {"percent": "101"},
        {"beneficiary": ""},
        {"country": "Britain"},
        {"first_day": "2018-01-01"},
        {"first_day": "soon"},
        {"last_day": "2018-01-01"},
        {"wait_days": "91"},
        {"key": ""},
        {"plant": "9" * 18},
    ],
)
def test_a_wrong_answer_is_explained_and_nothing_is_ordered(desk, answers, changes):
    answer = desk.post(reverse("orders"), answers | changes)
    assert answer.status_code == 422
    assert "error" in answer.content.decode()
    assert not StandingOrder.objects.exists()
