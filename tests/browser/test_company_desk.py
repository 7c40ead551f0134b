"""A charging company's desk in a real browser: from the year to one hour, and what it lacks."""

import pytest

from certificates.models import Device, User
from charging.services.score_publishers import let_publish
from ledger.services.settlement import settle
from tests.browser.test_company import NOW, company
from tests.charging.plant import charge
from tests.ledger.chain.chains import Clock
from tests.trail import make_auditor

__all__ = ["company"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_company_taps_an_hour_and_prices_what_it_lacks(company, page, watch, visit, see):
    visit("/company/")
    page.get_by_role("link", name="June", exact=True).click()
    see("company-month")
    page.get_by_role("link", name="40", exact=True).click()
    page.get_by_text("12,000 Wh").first.wait_for()
    page.get_by_label("Price per MWh").fill("50")
    page.get_by_role("button", name="Work it out").click()
    page.get_by_text("0.60 EUR").first.wait_for()
    see("company-hour")
    page.get_by_role("link", name="What is missing").click()
    watch.allow("422")
    page.get_by_label("Price per MWh").fill("dear")
    page.get_by_role("button", name="Work it out").click()
    page.get_by_text("Write one like 12.50").wait_for()
    see("company-gap")


def test_a_company_sets_and_ends_a_standing_wish(company, page, visit, see):
    visit("/company/wishes/")
    page.get_by_role("link", name="standing wish").click()
    see("company-standing-wishes-none")
    page.get_by_label("For", exact=True).select_option("Tariff")
    page.get_by_label("Its id").fill("GREEN-FLEX")
    page.get_by_label("Serve them first").check()
    page.get_by_role("button", name="Set this wish").press("Enter")
    page.get_by_text("Every charge under GREEN-FLEX has this wish").wait_for()
    see("company-standing-wishes")
    page.get_by_role("button", name="End the wish for GREEN-FLEX now").click()
    page.get_by_text("The wish for GREEN-FLEX has ended.").wait_for()
    page.get_by_text("ended", exact=False).last.wait_for()


def test_the_rest_of_the_desk_is_accessible_and_leads_on(company, page, visit, see):
    visit("/company/")
    for name, words in (
        ("Evidence", "Evidence of 2018"),
        ("Green claims", "No green claims in 2018"),
        ("Connections", "Connections that send your charges"),
    ):
        page.get_by_label("Your desk").get_by_role("link", name=name).click()
        page.get_by_role("heading", name=words).wait_for()
        see(f"company-{name.lower().replace(' ', '-')}")


def test_an_auditor_sees_what_waits(company, page, visit, enter, see):
    Device.objects.update(status=Device.Status.SUBMITTED)
    enter(make_auditor())
    visit("/admin/")
    see("attention", accessible=False)
    page.get_by_role("link", name="1 Devices to approve").click()
    page.get_by_text("Plant 7").first.wait_for()


def test_a_company_says_what_its_next_charges_are_to_get(company, page, visit, see):
    late = "d,X,1,2018-06-02T10:00Z,2018-06-02T12:00Z,10,Mill Street"
    charge(company, [late], NOW)
    visit("/company/wishes/")
    page.get_by_role("heading", name="What 1 charge wishes").wait_for()
    page.get_by_label("Source").first.select_option("F01050100")
    page.get_by_role("button", name="Set this wish for 1 charge").click()
    page.get_by_text("1 charge has this wish now").wait_for()
    see("company-wishes")


def test_a_company_publishes_its_score_and_a_stranger_reads_it(company, page, visit, see):
    settle(clock=Clock())
    let_publish(person=User.objects.get(), now=NOW)
    visit("/company/score/")
    page.get_by_role("heading", name="Nobody else sees this score").wait_for()
    see("company-score")
    page.get_by_role("button", name="Publish the score").click()
    page.get_by_role("heading", name="Everyone sees this score").wait_for()
    page.context.clear_cookies()
    visit("/score/council/?by=day")
    page.get_by_role("heading", name="52.0 % renewable in the same hours").wait_for()
    see("score")
