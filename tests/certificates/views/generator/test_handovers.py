"""A plant changes hands on the pages of both sides."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from certificates.models import Handover, Membership, Role, User
from certificates.services.handovers import handovers
from certificates.services.holding.agreements import agree
from certificates.services.organisations import register_organisation
from tests.certificates.conftest import NOW
from tests.certificates.stored import line, settle_losses, take


def page_of(organisation):
    person = User.objects.create(email=f"{organisation.slug}@example.org")
    Membership.objects.create(user=person, organisation=organisation, role=Role.PRODUCER)
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def buyer(db):
    return register_organisation(name="Buyer", slug="buyer", roles=["producer"], now=NOW)


@pytest.fixture
def seller_page(farm):
    return page_of(farm)


@pytest.fixture
def buyer_page(buyer):
    return page_of(buyer)


@pytest.fixture
def answers(device):
    day = timezone.now().date() + timedelta(days=3)
    return {"to": "buyer", "day": f"{day}", "message": "As by the deed"}


def start(client, device, answers, **more):
    return client.post(reverse("generator_hand_over", args=[device.gsrn]), answers | more)


def act(client, made, event, **sent):
    return client.post(reverse("generator_handover_act", args=[made.pk, event]), sent)


def text(answer):
    return " ".join(answer.content.decode().split())


def test_the_owner_sees_what_goes_with_it_before_anything_happens(
    seller_page, buyer, company, device, answers
):
    agree(device=device, to=company, share_ppm=250_000, now=NOW)
    look = text(start(seller_page, device, answers))
    assert "25 % to Charging company" in look
    assert "It owes nothing." in look
    assert 'value="buyer"' in text(start(seller_page, device, answers, step="change"))
    assert not Handover.objects.exists()
    made = start(seller_page, device, answers, step="confirm")
    found = Handover.objects.get()
    assert made["Location"] == reverse("generator_handover", args=[found.pk])
    assert start(seller_page, device, answers, step="confirm").status_code == 302
    assert Handover.objects.count() == 1


def test_the_buyer_finds_it_first_on_the_page_and_takes_it(
    seller_page, buyer_page, farm, company, device, answers
):
    agree(device=device, to=company, share_ppm=250_000, now=NOW)
    start(seller_page, device, answers, step="confirm")
    made = Handover.objects.get()
    assert "Take over Turbine 2 or reject it" in text(buyer_page.get(reverse("generator")))
    shown = text(buyer_page.get(reverse("generator_handover", args=[made.pk])))
    assert "1 standing agreement of the owner ends" in shown
    assert "Charging company" not in shown
    assert act(buyer_page, made, "accept", debt_wh="0").status_code == 302
    made.refresh_from_db()
    assert made.status == "accepted"
    assert "waits for the registry" in text(seller_page.get(reverse("generator")))


def test_each_button_is_its_sides_alone(seller_page, buyer_page, company, device, answers):
    start(seller_page, device, answers, step="confirm")
    made = Handover.objects.get()
    assert act(seller_page, made, "accept", debt_wh="0").status_code == 404
    assert act(buyer_page, made, "withdraw").status_code == 404
    assert act(buyer_page, made, "sell").status_code == 404
    stranger = page_of(company)
    assert act(stranger, made, "reject").status_code == 404
    assert stranger.get(reverse("generator_handover", args=[made.pk])).status_code == 404
    assert act(buyer_page, made, "reject").status_code == 302
    again = act(seller_page, made, "withdraw")
    assert again.status_code == 422
    assert "This one is rejected" in text(again)


def test_a_former_owner_sees_what_it_had_and_not_the_plant(
    seller_page, buyer_page, buyer, farm, device, produce
):
    produce("1", "2")
    made = handovers.propose(device=device, to=buyer, effective_on=NOW.date(), now=NOW)
    handovers.accept(handover=made, by=buyer, debt_wh=0, now=NOW)
    handovers.approve(handover=made, now=NOW, actor="auditor")
    shown = text(seller_page.get(reverse("generator_handover", args=[made.pk])))
    assert "What you had of it" in shown
    assert shown.count("3.00 kWh") >= 2
    for name in ("generator_plant", "generator_certificates", "generator_statements"):
        assert seller_page.get(reverse(name, args=[device.gsrn])).status_code == 404
        assert buyer_page.get(reverse(name, args=[device.gsrn])).status_code == 200
    assert "handed over" in text(buyer_page.get(reverse("generator_plant", args=[device.gsrn])))
    assert "What you had" not in text(buyer_page.get(reverse("generator_handover", args=[made.pk])))


def test_a_sellers_papers_stay_with_the_registry(seller_page, buyer_page, buyer, device):
    def add(client):
        paper = SimpleUploadedFile("deed.pdf", b"%PDF-1.7 deed", "application/pdf")
        address = reverse("generator_add_paper", args=[device.gsrn])
        assert client.post(address, {"kind": "deed", "paper": paper}).status_code == 302

    add(seller_page)
    paper = device.documents.get()
    download = reverse("generator_paper", args=[device.gsrn, paper.pk])
    assert seller_page.get(download).status_code == 200
    made = handovers.propose(device=device, to=buyer, effective_on=NOW.date(), now=NOW)
    handovers.accept(handover=made, by=buyer, debt_wh=0, now=NOW)
    handovers.approve(handover=made, now=timezone.now(), actor="auditor")
    assert buyer_page.get(download).status_code == 404
    plant = reverse("generator_plant", args=[device.gsrn])
    assert "deed.pdf" not in text(buyer_page.get(plant))
    add(buyer_page)
    assert device.documents.get() == paper
    assert "deed.pdf" in text(buyer_page.get(plant))
    assert buyer_page.get(download).status_code == 200


def test_storage_is_handed_over_where_an_interval_begins_with_what_is_left_in_it(
    seller_page, buyer_page, battery, buyer, answers
):
    take(battery, line(0, -1_000), line(1, 300))
    page = text(seller_page.get(reverse("storage_device", args=[battery.gsrn])))
    assert reverse("generator_hand_over", args=[battery.gsrn]) in page
    asked = text(seller_page.get(reverse("generator_hand_over", args=[battery.gsrn])))
    assert '<option value="2018-02-01">' in asked
    refused = start(seller_page, battery, answers | {"day": "2018-02-02"})
    assert refused.status_code == 422
    answers |= {"day": "2018-02-01"}
    look = text(start(seller_page, battery, answers))
    assert "Its losses are settled until 2018-01-01 only." in look
    start(seller_page, battery, answers, step="confirm")
    made = Handover.objects.get()
    shown = text(buyer_page.get(reverse("generator_handover", args=[made.pk])))
    assert "Take it over" not in shown
    assert "you can accept once it is to be seen here" in shown
    assert act(buyer_page, made, "accept", debt_wh="0").status_code == 422
    settle_losses(battery, stored_wh=500)
    shown = text(buyer_page.get(reverse("generator_handover", args=[made.pk])))
    assert "500 Wh were left in it" in shown
    assert "of unknown origin" in shown
    assert act(buyer_page, made, "accept", debt_wh="0").status_code == 302
    handovers.approve(handover=made, now=NOW, actor="auditor")
    assert seller_page.get(reverse("storage_device", args=[battery.gsrn])).status_code == 404
    assert buyer_page.get(reverse("storage_device", args=[battery.gsrn])).status_code == 200
    mine = text(seller_page.get(reverse("generator_handover", args=[made.pk])))
    assert "Came out in your time" in mine
    theirs = text(buyer_page.get(reverse("generator_handover", args=[made.pk])))
    assert reverse("storage_device", args=[battery.gsrn]) in theirs


@pytest.mark.parametrize(
    "changes",
    [{"to": "ghost"}, {"to": ""}, {"day": "soon"}, {"day": ""}, {"message": "x" * 501}],
)
def test_a_wrong_answer_is_explained_at_its_field(seller_page, buyer, device, answers, changes):
    answer = start(seller_page, device, answers | changes)
    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode()


def test_a_refusal_heads_the_page(seller_page, buyer, device, answers):
    answer = start(seller_page, device, answers | {"to": "farm"}, step="confirm")
    assert answer.status_code == 422
    assert "owns Turbine 2 already" in text(answer)
