"""A company's months and hours as pages, for whoever may see them."""

import pytest

from certificates.models import GridIntensity
from charging.models import Location
from tests.charging.plant import charge
from tests.charging.services.matching.test_runs import TEN
from tests.charging.views.company.test_home import inside, log_in
from tests.charging.views.test_places import plant

__all__ = ["inside", "plant"]
PAGES = ("month", "hour", "gap")


def test_a_month_leads_to_its_hours(inside):
    page = inside.get("/company/month/", {"month": "2018-06"}).text
    assert 'href="/company/hour/?at=2018-06-01T10">40</a>' in page
    assert "June 2018: 52\u202f% made in the same hours" in page
    assert page.count('scope="row"') == 30


def test_an_hour_tells_its_charges_its_certificates_and_who_has_more(inside):
    page = inside.get("/company/hour/", {"at": "2018-06-01T10"}).text
    assert "1 June 2018, 10:00 to 11:00 UTC: 40\u202f% matched" in page
    assert "12,000 Wh" in page
    assert "Plant 7" in page


def test_an_hour_names_the_grid_s_figures_with_all_that_they_count(inside, great_britain):
    page = "/company/hour/?at=2018-06-01T10"
    assert "The grid in this hour" not in inside.get(page).text
    for kind, scope, gas in (("average", "lifecycle", "CO2e"), ("marginal", "direct", "CO2")):
        GridIntensity.objects.create(
            area=great_britain, kind=kind, starts_at=TEN, emissions_ug_per_wh=281_400,
            scope=scope, gas=gas, source="Made", version=3,
        )  # fmt: skip
    text = " ".join(inside.get(page).text.split())
    assert "average: 281 g CO2e per kWh, lifecycle. Source: Made, version 3." in text
    assert "one kilowatt-hour more: 281 g CO2 per kWh, direct." in text


def test_the_gap_is_priced_by_an_assumption_that_is_called_one(inside):
    page = inside.get("/company/gap/", {"year": "2018", "price": "50,00", "currency": "GBP"}).text
    assert "0.60 GBP" in page
    assert "your assumption" in page
    assert "price=50%2C00" in page  # the months keep it


@pytest.mark.parametrize("price", ["-1", "1e9", "<script>", "1" * 500])
def test_a_price_that_is_none_is_refused_in_words(inside, price):
    answer = inside.get("/company/gap/", {"price": price})
    assert answer.status_code == 422
    assert "Write one like 12.50" in answer.text
    assert "<script>" not in answer.text


def test_a_site_shows_its_own_charges_alone(inside, company, now):
    charge(company, ["z,Q,1,2018-06-01T10:00Z,2018-06-01T11:00Z,4,Harbour"], now)
    harbour = Location.objects.get(name="Harbour").pk
    hour = inside.get("/company/hour/", {"at": "2018-06-01T10", "site": harbour}).text
    assert ">Z</a>" in hour
    assert ">A</a>" not in hour
    year = inside.get("/company/", {"site": harbour}).text
    assert f"site={harbour}" in year
    day = inside.get("/company/day/", {"day": "2018-06-01", "site": harbour}).text
    assert ">A</a>" not in day


@pytest.mark.parametrize("site", ["", "x", "-1", "9" * 18, "9" * 400, "\uff11"])
def test_any_site_answers(inside, site):
    for path in ("", "month/", "day/", "gap/"):
        assert inside.get(f"/company/{path}", {"site": site}).status_code == 200


@pytest.mark.parametrize("month", ["", "0001-01", "9999-12", "2018-13", "never"])
def test_any_month_answers(inside, month):
    assert inside.get("/company/month/", {"month": month}).status_code == 200


@pytest.mark.parametrize("at", ["", "2018-06-01", "0001-01-01T00", "9999-12-31T23", "x"])
def test_what_is_no_hour_is_not_found(inside, at):
    assert inside.get("/company/hour/", {"at": at}).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_who_acts_for_no_company_is_refused(client, plant, producer, page):
    log_in(client, producer, "producer")
    assert client.get(f"/company/{page}/", {"at": "2018-06-01T10"}).status_code == 403
    client.logout()
    assert client.get(f"/company/{page}/").status_code == 302
