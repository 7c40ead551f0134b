"""The pages of what is held, in a real browser."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from certificates.models import Cancellation, Organisation
from certificates.services.cancellations import carry_out_due
from tests.browser.test_generator import enter, look, trail

__all__ = ["enter", "trail"]
pytestmark = pytest.mark.django_db(transaction=True)
LATER = datetime(2100, 1, 1, tzinfo=UTC)


def test_certificates_are_offered_and_used(
    page, visit, enter, trail, looks, screenshot, check_accessibility, watch
):
    def see(name):
        look(page, name, looks, screenshot, check_accessibility)

    watch.allow("422")
    other = Organisation.objects.exclude(pk=trail.producer.pk).first()
    enter(trail.user)
    visit(reverse("holdings"))
    see("holdings")
    page.get_by_role("link", name="Offer to somebody").click()
    page.get_by_role("button", name="See exactly what would move").click()
    see("holdings-offer-errors")
    page.get_by_label("To (short name").fill(other.slug)
    page.get_by_label("How much").fill("0.001")
    page.get_by_role("button", name="See exactly what would move").click()
    see("holdings-check")
    page.get_by_role("button", name="Offer them").click()
    see("offer")
    page.get_by_role("button", name="Withdraw the offer").click()
    page.get_by_role("link", name="Offers").click()
    see("offers")
    page.get_by_role("link", name="Agreements").click()
    see("agreements")
    visit(reverse("holdings_use"))
    page.get_by_label("Country of use").fill("GB")
    page.get_by_label("What the electricity").fill("Heat pump")
    page.get_by_label("Used from").fill("2018-01-01")
    page.get_by_label("Used until").fill("2018-12-31")
    see("holdings-use")
    page.get_by_role("button", name="See exactly what would move").click()
    page.get_by_role("button", name="Use them").click()
    see("statement-scheduled")
    carry_out_due(now=LATER)
    visit(reverse("statement", args=[Cancellation.objects.get(holder=trail.producer).public_id]))
    see("statement")
    visit(reverse("statements"))
    see("statements")
