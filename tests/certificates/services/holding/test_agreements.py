"""Standing agreements never give away more than the whole."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError

from certificates.errors import AgreementRefused
from certificates.models import Agreement, Notice
from certificates.queries.holding.holdings import held_wh, holdings
from certificates.services.holding.agreements import agree, agree_hourly, check_terms, end
from certificates.services.issuing.issuance import issue
from certificates.services.meters.readings import import_readings
from certificates.services.organisations import register_organisation
from ledger.models import AuditEvent
from tests.certificates.conftest import meter_csv
from tests.certificates.services.issuing.test_corrections import upload

YEAR = datetime(2018, 1, 1, tzinfo=UTC), datetime(2019, 1, 1, tzinfo=UTC)


def test_the_same_agreement_twice_is_one(device, company, now):
    first = agree(device=device, to=company, share_ppm=46_300, now=now)
    assert agree(device=device, to=company, share_ppm=46_300, now=now) == first


def test_more_than_the_whole_at_any_time_is_refused(device, company, now):
    agree(device=device, to=company, share_ppm=600_000, period=YEAR, now=now)
    with pytest.raises(AgreementRefused, match="1000001 ppm"):
        agree(device=device, to=company, share_ppm=400_001, now=now)
    assert agree(device=device, to=company, share_ppm=400_000, now=now).pk


def test_periods_that_follow_each_other_may_both_give_the_whole(device, company, now):
    agree(device=device, to=company, share_ppm=1_000_000, period=YEAR, now=now)
    agree(device=device, to=company, share_ppm=1_000_000, period=(YEAR[1], None), now=now)
    assert device.agreements.count() == 2


@pytest.mark.parametrize("ppm", [0, -1, 1_000_001])
def test_a_share_lies_within_the_whole(ppm, device, company, now):
    with pytest.raises(AgreementRefused):
        agree(device=device, to=company, share_ppm=ppm, now=now)


def test_a_period_ends_after_it_starts(device, company, now):
    with pytest.raises(AgreementRefused, match="ends before"):
        agree(device=device, to=company, share_ppm=1, period=(YEAR[1], YEAR[0]), now=now)


def test_the_owner_needs_no_agreement(device, now):
    with pytest.raises(AgreementRefused, match="owns the device"):
        agree(device=device, to=device.organisation, share_ppm=1, now=now)


def test_the_database_refuses_an_impossible_share(device, company, now):
    with pytest.raises(IntegrityError):
        Agreement.objects.create(
            device=device, to=company, share_ppm=1_000_001, starts_at=now, agreed_at=now
        )


def test_wh_of_each_hour_go_to_the_holder_as_far_as_there_are_any(device, company, produce, now):
    agree_hourly(device=device, to=company, wh_per_hour=1_500, now=now)
    produce("1", "2", "0.5")
    assert [row.amount_wh for row in holdings(company)] == [1_000, 1_500, 500]
    assert held_wh(device.organisation) == 500


def test_a_supplementary_lot_gives_no_more_than_the_hour_s_wh(device, company, produce, now):
    agree_hourly(device=device, to=company, wh_per_hour=1_500, now=now)
    produce("1", "2")
    upload(device, "1.7", "2")
    assert sorted(row.amount_wh for row in holdings(company)) == [500, 1_000, 1_500]
    upload(device, "1.9", "2")
    assert held_wh(company) == 3_000


def test_what_a_correction_withdrew_can_be_given_again(device, company, produce, now):
    agree_hourly(device=device, to=company, wh_per_hour=1_500, now=now)
    produce("1", "0")
    upload(device, "0.4", "0")
    assert held_wh(company) == 400
    upload(device, "1.2", "0")
    assert held_wh(company) == 1_200


def test_a_share_comes_before_wh_of_each_hour(device, company, produce, now):
    other = register_organisation(name="Other", slug="other", roles=["trader"], now=now)
    agree_hourly(device=device, to=other, wh_per_hour=800, now=now)
    agree(device=device, to=company, share_ppm=500_000, now=now)
    produce("1", "2")
    assert (held_wh(company), held_wh(other), held_wh(device.organisation)) == (1_500, 1_300, 200)


@pytest.mark.parametrize("wh", [0, -1, 10**12 + 1])
def test_wh_of_each_hour_are_a_sensible_number(wh, device, company, now):
    with pytest.raises(AgreementRefused):
        agree_hourly(device=device, to=company, wh_per_hour=wh, now=now)


def test_an_agreement_has_one_measure(device, company, now):
    with pytest.raises(AgreementRefused, match="not both"):
        check_terms(device, company, (1, 1), YEAR)
    with pytest.raises(AgreementRefused, match="time zone"):
        agree(device=device, to=company, share_ppm=1, period=(datetime(2018, 1, 1), None), now=now)  # noqa: DTZ001
    with pytest.raises(IntegrityError):
        Agreement.objects.create(
            device=device, to=company, share_ppm=1, wh_per_hour=1, starts_at=now, agreed_at=now
        )


def test_an_ended_agreement_holds_for_what_was_produced_before(device, company, produce, now):
    agreed = agree(device=device, to=company, share_ppm=500_000, now=now)
    said = YEAR[0] + timedelta(minutes=30)
    ended = end(agreement=agreed, by=company, now=said)
    assert ended.ended_from == YEAR[0] + timedelta(hours=1)
    produce("1", "2")
    assert [row.amount_wh for row in holdings(company)] == [500]
    assert Notice.objects.get(kind="agreement").organisation == device.organisation


def test_an_agreement_ends_once_and_never_backwards(device, company, now):
    agreed = agree(device=device, to=company, share_ppm=500_000, period=YEAR, now=now)
    said = YEAR[0] + timedelta(days=10)
    with pytest.raises(AgreementRefused, match="It can end from"):
        end(agreement=agreed, by=company, ended_from=said - timedelta(hours=1), now=said)
    end(agreement=agreed, by=company, ended_from=said, now=said)
    end(agreement=agreed, by=company, ended_from=said, now=said)
    end(agreement=agreed, by=device.organisation, now=said + timedelta(days=1))
    assert AuditEvent.objects.filter(action="agreement.ended").count() == 1
    with pytest.raises(AgreementRefused, match="already"):
        end(agreement=agreed, by=company, ended_from=said + timedelta(days=5), now=said)


def test_one_that_is_over_is_not_ended_again(device, company, now):
    agreed = agree(device=device, to=company, share_ppm=500_000, period=YEAR, now=now)
    with pytest.raises(AgreementRefused, match="already"):
        end(agreement=agreed, by=company, now=now)


def test_only_its_sides_end_an_agreement(device, company, now):
    other = register_organisation(name="Other", slug="other", roles=["trader"], now=now)
    agreed = agree(device=device, to=company, share_ppm=1, now=now)
    with pytest.raises(AgreementRefused, match="no side"):
        end(agreement=agreed, by=other, now=now)


def test_an_ended_share_can_be_given_to_another(device, company, now):
    other = register_organisation(name="Other", slug="other", roles=["trader"], now=now)
    agreed = agree(device=device, to=company, share_ppm=1_000_000, now=now)
    end(agreement=agreed, by=company, now=now)
    with pytest.raises(AgreementRefused, match="whole is"):
        agree(device=device, to=other, share_ppm=1, now=now)
    assert agree(device=device, to=other, share_ppm=1_000_000, period=(now, None), now=now).pk


@pytest.mark.parametrize(("day", "hours"), [((2018, 3, 25), 23), ((2018, 10, 28), 25)])
def test_an_agreement_of_a_local_day_has_as_many_hours_as_the_day(device, company, now, day, hours):
    """From midnight to midnight in London, over a change of the clocks."""
    london = ZoneInfo("Europe/London")
    start = datetime(*day, tzinfo=london)
    period = (start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC))
    agree_hourly(device=device, to=company, wh_per_hour=7, period=period, now=now)
    first = period[0] - timedelta(hours=2)
    lines = [f"{first + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ},1" for n in range(30)]
    import_readings(device=device, stream=meter_csv(*lines), name="m", selection={}, now=now)
    issue(device=device, now=now)
    assert held_wh(company) == 7 * hours
    assert held_wh(company) + held_wh(device.organisation) == 30_000
