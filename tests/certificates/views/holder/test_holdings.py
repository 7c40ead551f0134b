"""Passing certificates on and using them, page by page."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from certificates.models import Agreement, AgreementProposal, Cancellation, Membership, Offer
from certificates.queries.holding.holdings import held_wh
from certificates.services.holding.agreements import agree
from certificates.services.holding.cancellations import UNDO, carry_out_due
from certificates.services.organisations import register_organisation
from certificates.tasks import sweep
from config.templatetags.figures import energy, kwh
from tests.certificates.conftest import NOW
from tests.languages import left_in_english

HOUR = timedelta(hours=1)
OFFER = {"to": "charge", "kwh": "2.5", "technology": "wind", "first_day": "2018-01-01"}
USE = {
    "kind": "person",
    "beneficiary": "Ada Example",
    "country": "gb",
    "purpose": "Heat pump",
    "used_from": "2018-01-01",
    "used_until": "2018-12-31",
    "last_day": "2018-01-01",
}


def person(organisation, role):
    user = get_user_model().objects.create_user(
        email=f"{organisation.slug}@x.example", password="x"
    )
    Membership.objects.create(user=user, organisation=organisation, role=role)
    return user


@pytest.fixture
def holder(client, farm, device, produce):
    produce("1", "2", "3")
    client.force_login(person(farm, "producer"))
    return farm


@pytest.fixture
def buyer(client, company, holder):
    return person(company, "charging_company")


def check(client, name, answers):
    page = client.post(reverse(name), answers | {"step": "check"})
    assert page.status_code == 200, page.content.decode()
    hidden = {key: page.context[key] for key in ("key",)} | {"seen": page.context["picked"].mark}
    return answers | hidden | {"step": "confirm"}


def test_an_offer_is_made_after_a_look_at_it_and_once(client, holder, company):
    assert f"You hold {energy(6_000)}" in client.get(reverse("holdings")).content.decode()
    client.get(reverse("holdings_offer"))
    sent = check(client, "holdings_offer", OFFER)
    assert not Offer.objects.exists()
    first = client.post(reverse("holdings_offer"), sent)
    assert client.post(reverse("holdings_offer"), sent).url == first.url
    assert (Offer.objects.get().amount_wh, held_wh(holder)) == (2_500, 3_500)
    assert b"Withdraw the offer" in client.get(first.url).content
    assert client.get(reverse("offers")).status_code == 200


def test_the_other_side_accepts_and_nobody_else_sees_it(client, holder, buyer, company):
    client.post(reverse("holdings_offer"), check(client, "holdings_offer", OFFER))
    made = Offer.objects.get()
    accept = reverse("offer_end", args=[made.pk, "accept"])
    assert client.post(accept, {"seen_wh": "2500"}).status_code == 404
    stranger = register_organisation(name="S", slug="s", roles=["trader"], now=NOW)
    client.force_login(person(stranger, "trader"))
    assert client.get(reverse("offer", args=[made.pk])).status_code == 404
    assert client.post(accept).status_code == 404
    client.force_login(buyer)
    assert b"Accept 2.5" in client.get(reverse("offer", args=[made.pk])).content
    stale = client.post(accept, {"seen_wh": "2499"})
    assert (stale.status_code, held_wh(company)) == (422, 0)
    assert client.post(accept, {"seen_wh": "2500"}).status_code == 302
    assert held_wh(company) == 2_500
    again = client.post(reverse("offer_end", args=[made.pk, "reject"]))
    assert again.status_code == 422
    assert client.post(reverse("offer_end", args=[made.pk, "eat"])).status_code == 404


@pytest.mark.parametrize("event", ["reject", "withdraw"])
def test_an_offer_ends_the_other_ways(event, client, holder, buyer, company):
    client.post(reverse("holdings_offer"), check(client, "holdings_offer", OFFER))
    if event == "reject":
        client.force_login(buyer)
    made = Offer.objects.get()
    assert client.post(reverse("offer_end", args=[made.pk, event])).status_code == 302
    assert held_wh(holder) == 6_000


@pytest.mark.parametrize(
    "changes",
    [
        {"to": "nobody"},
        {"to": "farm"},
        {"kwh": "7"},
        {"kwh": "0"},
        {"kwh": "1e400"},
        {"kwh": "0.0001"},
        {"first_day": "yesterday"},
        {"first_day": "2019-01-01"},
        {"technology": "cats"},
        {"plant": "735999000000000000"},
        {"last_day": "9999-12-31"},
        {"lapses_on": "2018-01-01"},
    ],
)
def test_a_wrong_answer_is_explained_and_moves_nothing(changes, client, holder, company):
    if "last_day" in changes:
        changes["first_day"] = "2019-01-01"
    page = client.post(reverse("holdings_offer"), OFFER | changes | {"step": "check"})
    if page.status_code == 200:  # the time that is over is told by the act itself
        page = client.post(
            reverse("holdings_offer"), OFFER | changes | {"step": "confirm", "key": "k"}
        )
    assert page.status_code == 422
    assert not Offer.objects.exists()
    assert b"Nothing was changed" in page.content


def test_what_changed_since_the_look_does_not_move(client, holder, company):
    sent = check(client, "holdings_offer", OFFER)
    client.post(reverse("holdings_offer"), check(client, "holdings_offer", OFFER | {"kwh": "1"}))
    page = client.post(reverse("holdings_offer"), sent)
    assert (page.status_code, Offer.objects.count()) == (422, 1)


def test_a_use_can_be_undone_for_ten_minutes_and_has_a_public_statement(client, holder, farm):
    sent = check(client, "holdings_use", USE)
    answer = client.post(reverse("holdings_use"), sent)
    made = Cancellation.objects.get()
    assert (made.status, made.due_at - made.asked_at) == ("scheduled", UNDO)
    assert answer.url == reverse("statement", args=[made.public_id])
    shown = client.get(answer.url).content.decode()
    assert "Undo" in shown
    assert f"{kwh(6_000)} set aside for Ada Example" in shown
    assert "Of it renewable" not in shown
    undo = reverse("statement_undo", args=[made.public_id])
    client.logout()
    assert b">Undo<" not in client.get(answer.url).content
    assert left_in_english(client, answer.url) == ["Heat pump", "Wind farm"]  # what people named
    assert client.post(undo).url.startswith("/log-in/")
    client.force_login(get_user_model().objects.get())
    assert client.post(undo).status_code == 302
    assert held_wh(farm) == 6_000
    assert b"Undone" in client.get(reverse("statements")).content
    assert b"Nothing used for Ada Example" in client.get(answer.url).content


def test_the_sweep_carries_it_out_and_the_files_say_the_same(client, holder, farm):
    client.post(reverse("holdings_use"), check(client, "holdings_use", USE))
    made = Cancellation.objects.get()
    sweep()
    made.refresh_from_db()
    assert made.status == "scheduled"
    assert carry_out_due(now=made.due_at) == 1
    client.logout()
    page = client.get(reverse("statement", args=[made.public_id]))
    assert f"{kwh(6_000)} used for Ada Example" in page.content.decode()
    assert page["X-Robots-Tag"].startswith("noindex")
    told = json.loads(client.get(reverse("statement_json", args=[made.public_id])).content)
    assert (told["volume"]["wh"], told["beneficiary"]["country"]) == (6_000, "GB")
    pdf = client.get(reverse("statement_pdf", args=[made.public_id]))
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    client.force_login(get_user_model().objects.get())
    late = client.post(reverse("statement_undo", args=[made.public_id]))
    assert late.status_code == 422


def test_a_statement_that_is_not_there_is_404(client, db):
    for name in ("statement", "statement_json", "statement_pdf"):
        assert client.get(reverse(name, args=["nothing"])).status_code == 404


def test_only_who_acts_for_a_holder_gets_in(client, farm, company):
    auditor = register_organisation(name="A", slug="a", roles=["auditor"], now=NOW)
    client.force_login(person(auditor, "auditor"))
    assert client.get(reverse("holdings")).status_code == 403
    client.force_login(person(farm, "producer"))
    assert client.get(reverse("holdings")).status_code == 200
    assert client.get(reverse("holdings"), {"as": "charge"}).status_code == 403


def test_an_agreement_that_is_over_offers_no_end(client, holder, company, device):
    over = agree(device=device, to=company, share_ppm=1, period=(NOW, NOW + HOUR), now=NOW)
    still = agree(device=device, to=company, share_ppm=2, now=NOW)
    shown = client.get(reverse("agreements")).content.decode()
    assert reverse("agreement_end", args=[over.pk]) not in shown
    assert reverse("agreement_end", args=[still.pk]) in shown
    client.post(reverse("agreement_end", args=[still.pk]))
    assert (
        reverse("agreement_end", args=[still.pk])
        not in client.get(reverse("agreements")).content.decode()
    )


def test_an_agreement_is_proposed_accepted_and_ended(client, holder, buyer, device, company):
    terms = {
        "plant": device.gsrn,
        "to": "charge",
        "percent": "4.63",
        "first_day": "2019-01-01",
    }
    assert client.post(reverse("agreements"), terms | {"kwh_per_hour": "1"}).status_code == 422
    assert client.post(reverse("agreements"), terms | {"to": "farm"}).status_code == 422
    assert client.post(reverse("agreements"), terms).status_code == 302
    made = AgreementProposal.objects.get()
    assert made.share_ppm == 46_300
    accept = reverse("proposal_answer", args=[made.pk, "accept"])
    assert client.post(accept).status_code == 422
    client.force_login(buyer)
    assert b"Accept" in client.get(reverse("agreements")).content
    assert client.post(accept).status_code == 302
    agreed = Agreement.objects.get()
    assert client.post(reverse("agreement_end", args=[agreed.pk])).status_code == 302
    agreed.refresh_from_db()
    assert agreed.ended_from is not None
    assert client.get(reverse("agreements")).status_code == 200
    assert client.post(reverse("proposal_answer", args=[made.pk, "eat"])).status_code == 404


def test_a_trader_s_home_is_what_they_hold(client, db):
    trader = register_organisation(name="T", slug="t", roles=["trader"], now=NOW)
    client.force_login(person(trader, "trader"))
    assert client.get(reverse("home")).url == reverse("holdings")
    assert b"You hold no certificates" in client.get(reverse("holdings")).content
