"""A lot or a retirement that was taken back or refused counts nowhere."""

from datetime import UTC, datetime

import pytest

from certificates.models import Lot, Retirement
from certificates.queries import public_pages
from certificates.queries.certificate_number import look_up
from certificates.queries.generator import home as generator
from certificates.queries.generator.calendar import calendar
from certificates.queries.generator.fates import fate
from certificates.queries.holding import holdings
from certificates.queries.readings.issuable import devices_waiting
from certificates.queries.readings.mass_balance import mass_balance
from certificates.services.holding.retirement import retire_many
from certificates.services.issuing.issuance import issue
from tests.refusal import WAYS

YEAR = (datetime(2018, 1, 1, tzinfo=UTC), datetime(2019, 1, 1, tzinfo=UTC))


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def fall(request, now):
    return lambda entry: request.param(entry, now)


def test_a_fallen_lot_is_in_no_total(device, produce, fall, now):
    lots = produce("1", "2")
    fall(lots[0].entry)
    assert list(Lot.objects.standing()) == [lots[1]]
    assert [hour.amount_wh for hour in holdings.holdings(device.organisation)] == [2_000]
    assert holdings.held_wh(device.organisation) == 2_000
    assert list(calendar([device], 2018).certified.values()) == [2_000]
    assert [month.issued_wh for month in public_pages.months(device)] == [2_000]
    assert [hour.issued_wh for hour in public_pages.hours(*YEAR)] == [2_000]
    assert public_pages.span() == (lots[1].starts_at, lots[1].starts_at)
    assert generator.whereabouts(device, *YEAR).issued == 2_000
    assert [day.amount_wh for day in generator.day_lines(device, *YEAR)] == [2_000]
    assert generator.progress(lots[0].reading.file, now).lots == 1
    rows = mass_balance(device, *YEAR)
    assert [(row.issued_wh, row.waiting_wh) for row in rows] == [(0, 1_000), (2_000, 0)]
    assert all(row.is_balanced for row in rows)
    assert look_up(device, 0).issued_wh == 0


def test_a_plant_whose_only_lot_fell_has_no_years(device, produce, fall):
    fall(produce("1", "0")[0].entry)
    assert calendar([device], 2018).certified == {}
    assert public_pages.span() is None


def test_a_fallen_lot_is_issued_again_under_the_next_sequence(device, produce, fall, now):
    first = produce("1", "2")[0]
    fall(first.entry)
    assert not devices_waiting(now, now)
    report = issue(device=device, now=now)
    assert (report.lots, report.issued_wh) == (1, 1_000)
    again = device.lots.standing().get(starts_at=first.starts_at)
    assert (again.sequence, again.amount_wh) == (1, 1_000)
    assert again.code != first.code
    assert again.entry.key == first.entry.key.removesuffix(":0") + ":1"
    assert issue(device=device, now=now).lots == 0
    fall(again.entry)
    issue(device=device, now=now)
    assert device.lots.standing().get(starts_at=first.starts_at).sequence == 2
    assert all(row.is_balanced for row in mass_balance(device, *YEAR))


def test_a_fallen_retirement_is_in_no_total_and_its_wh_are_held_again(
    device, request_for, fall, now
):
    ids = retire_many(requests=[request_for("a", 700)], now=now)
    retirement = Retirement.objects.get(pk=ids[0])
    assert generator.whereabouts(device, *YEAR).retired == 700
    fall(retirement.entry)
    assert not Retirement.objects.standing()
    assert fate([device]).uses == []
    assert generator.whereabouts(device, *YEAR).retired == 0
    assert [month.retired_wh for month in public_pages.months(device)] == [0]
    assert [hour.retired_wh for hour in public_pages.hours(*YEAR)] == [0, 0]
    assert [row.retired_wh for row in mass_balance(device, *YEAR)] == [0, 0]
    assert holdings.held_wh(device.organisation) == 3_000
