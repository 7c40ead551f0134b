"""A plant changes hands and a standing order is placed, in a real browser."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates.models import (
    Counterparty,
    Device,
    Handover,
    Organisation,
    OrganisationRole,
    StandingOrder,
    StandingRun,
)
from certificates.services.handovers import handovers

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_plant_is_handed_over_and_taken(page, visit, enter, trail, see, watch):
    watch.allow("422")
    Handover.objects.all().delete()
    Counterparty.objects.all().delete()
    device = Device.objects.get(pk=trail.device.pk)
    Device.objects.filter(pk=device.pk).update(status="approved")
    buyer = Organisation.objects.exclude(pk=trail.producer.pk).first()
    OrganisationRole.objects.get_or_create(organisation=buyer, role="producer")
    enter(trail.user)
    visit(reverse("generator_plant", args=[device.gsrn]))
    page.get_by_text("Change its name or set its place right").click()
    see("plant-update")
    page.get_by_role("link", name="Hand it over").click()
    page.get_by_role("button", name="See what goes with it").click()
    see("handover-errors")
    page.get_by_label("The new owner", exact=True).fill(buyer.slug)
    page.get_by_label("From the start of").fill(f"{timezone.now() + timedelta(days=9):%Y-%m-%d}")
    page.get_by_role("button", name="See what goes with it").click()
    see("handover-check")
    page.get_by_role("button", name="Propose it to").click()
    see("handover-proposed")
    made = Handover.objects.get()
    handovers.accept(handover=made, by=buyer, debt_wh=10**9, now=timezone.now())
    handovers.approve(handover=made, now=timezone.now(), actor="auditor")
    handovers.take_effect_due(now=timezone.now() + timedelta(days=10))
    visit(reverse("generator_handover", args=[made.pk]))
    page.get_by_role("heading", name="What you had of it").wait_for()
    see("handover-done")
    visit(reverse("generator"))
    page.get_by_role("heading", name="Plants that change hands").wait_for()
    see("generator-handovers")


def test_a_standing_order_is_placed_paused_and_ended(page, visit, enter, trail, see, watch):
    watch.allow("422")
    StandingRun.objects.all().delete()
    StandingOrder.objects.all().delete()
    enter(trail.user)
    visit(reverse("holdings"))
    page.get_by_role("link", name="Standing orders", exact=True).click()
    page.get_by_role("button", name="Place the order").click()
    see("orders-errors")
    page.get_by_label("Share of what you have").fill("25")
    page.get_by_label("For what is produced from").fill(f"{timezone.now():%Y-%m-01}")
    page.get_by_label("Country of use").fill("GB")
    page.get_by_label("What the electricity").fill("Heat pump")
    page.get_by_role("button", name="Place the order").click()
    page.get_by_role("heading", name="The next run").wait_for()
    see("order")
    page.get_by_role("button", name="Pause it").click()
    page.get_by_role("button", name="Go on with it").wait_for()
    see("order-paused")
    page.get_by_role("button", name="End it for good").click()
    page.get_by_text("Ended").first.wait_for()
    page.get_by_role("link", name="Standing orders").first.click()
    see("orders")
