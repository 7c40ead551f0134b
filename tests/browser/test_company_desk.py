"""A charging company's desk in a real browser: from the year to one hour, and what it lacks."""

import pytest

from tests.browser.test_company import company, see_each

__all__ = ["company", "see_each"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_company_taps_an_hour_and_prices_what_it_lacks(company, page, watch, visit, see_each):
    visit("/company/")
    page.get_by_role("link", name="June", exact=True).click()
    see_each("company-month")
    page.get_by_role("link", name="40", exact=True).click()
    page.get_by_text("12,000 Wh").first.wait_for()
    page.get_by_label("Price per MWh").fill("50")
    page.get_by_role("button", name="Work it out").click()
    page.get_by_text("0.60 EUR").first.wait_for()
    see_each("company-hour")
    page.get_by_role("link", name="What is missing").click()
    watch.allow("422")
    page.get_by_label("Price per MWh").fill("dear")
    page.get_by_role("button", name="Work it out").click()
    page.get_by_text("Write one like 12.50").wait_for()
    see_each("company-gap")
