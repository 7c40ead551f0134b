"""The pages of what is held, in a real browser."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from certificates.models import Cancellation, Counterparty, Offer, Organisation
from certificates.services.holding.cancellations import carry_out_due

pytestmark = pytest.mark.django_db(transaction=True)
LATER = datetime(2100, 1, 1, tzinfo=UTC)


def test_certificates_are_offered_and_used(page, visit, enter, trail, see, watch):
    watch.allow("422")
    other = Organisation.objects.exclude(pk=trail.producer.pk).first()
    Counterparty.objects.all().delete()
    Offer.objects.update(
        source=other, destination=trail.producer, status="open", moved_wh=0, ended_at=None
    )
    enter(trail.user)
    visit(reverse("holdings"))
    see("holdings")
    page.get_by_role("link", name="Offer to somebody").click()
    page.get_by_role("button", name="See exactly what would move").click()
    see("holdings-offer-errors")
    page.get_by_label("The other side", exact=True).fill(other.slug)
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
    page.get_by_role("link", name="Counterparties").click()
    page.get_by_label("The other organisation").fill(other.slug)
    page.get_by_role("button", name="Put on the list").click()
    see("counterparties")
    page.get_by_role("button", name=f"Take off {other.name}").click()
    page.get_by_text("Nobody is on it.").wait_for()
    visit("/generator/")
    page.get_by_role("link", name="Answer the offer").wait_for()
    see("generator-answers")
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
