"""A charging company's pages in a real browser, over a day that was matched."""

from datetime import UTC, datetime, timedelta

import pytest

from certificates.models import Device, Membership, Role, User
from charging.models import MatchingRun, Session
from charging.services.matching.provisional import renew_provisional
from charging.services.matching.runs import match
from tests.charging.conftest import make_organisation
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.services.matching.test_runs import DAY, TEN, A, B

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def company(data_dir, enter):
    """Half of a plant's 16 and 100 kWh, two charges, and somebody of the company logged in."""
    company = make_organisation("Council chargers", "council", Role.CHARGING_COMPANY)
    device = register_plant(make_organisation("Wind Ltd", "wind", Role.PRODUCER), NOW)
    share_all(device, company, NOW, ppm=500_000)
    charge(company, [A, B], NOW)
    generate(device, TEN, ["16", "100"], NOW)
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=NOW)
    user = User.objects.create_user("council@example.org", "correct horse battery")
    Membership.objects.create(user=user, organisation=company, role=Role.CHARGING_COMPANY)
    enter(user)
    return company


def test_a_company_goes_from_its_year_to_the_reason_of_one_hour(company, page, visit, see):
    visit("/company/")
    see("company")
    page.get_by_role("link", name="2018 under other rules").click()
    page.get_by_text("by the hour 52").wait_for()
    see("company-what-if")
    visit("/company/day/")
    see("company-day")
    page.get_by_role("link", name=Session.objects.get(uid="A").uid, exact=True).click()
    page.get_by_text("Every charge got its share").wait_for()
    see("company-charge")
    page.get_by_role("link", name=str(MatchingRun.objects.get().pk), exact=True).first.click()
    page.get_by_label("Generation counts").select_option("annual")
    page.get_by_role("button", name="Compute again").click()
    page.get_by_text("computed again, 25,000 Wh").wait_for()
    see("company-run")


def test_an_hour_that_is_not_closed_is_called_provisional(company, visit, see):
    charge(company, ["c,X,3,2018-06-03T10:00Z,2018-06-03T12:00Z,10,Mill Street"], NOW)
    generate(Device.objects.get(), TEN.replace(day=3), ["8", "100"], NOW)
    start = TEN.replace(day=3, hour=0)
    renew_provisional(
        organisation=company, starts_at=start, ends_at=start + timedelta(days=1), now=NOW
    )
    visit("/company/month/?month=2018-06")
    see("company-month-open")
    page = visit("/company/hour/?at=2018-06-03T10")
    page.get_by_text("If this hour closed now, 4,000 Wh more would be matched.").wait_for()
    see("company-hour-open")
