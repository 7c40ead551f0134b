"""Prices beyond the specification's examples: clocks, taxes, limits, several tariffs."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from charging.domain.tariff.rating import rate
from charging.errors import InvalidCharge
from tests.charging.domain.tariff.made import (
    BERLIN,
    CHARGING,
    MONDAY,
    PARKING,
    chain,
    cost,
    element,
    energy,
    local,
    period,
    price,
    tariff,
)

PER_HOUR = price("TIME", 1)
NIGHT = element(price("TIME", 0.5), start_time="22:00", end_time="06:00")


def hours_by_price(found):
    return {line.price: line.billed for line in found.lines}


@pytest.mark.parametrize(
    ("start", "hours", "night"),
    [
        (local(20), 4, 2),
        (local(23), 4, 4),
        (local(4), 4, 2),
        (local(6), 10, 0),
        (local(22), 8, 8),
        (local(12), 24, 8),
        # The night of 28 to 29 March 2026 has seven hours, that of 24 to 25 October nine.
        (local(20, day=28), 12, 7),
        (local(20, day=24, month=10), 12, 9),
    ],
)
def test_a_window_over_midnight_is_cut_by_the_local_clock(start, hours, night):
    found = cost([period(start, hours * 60, charging=True)], tariff(NIGHT, PER_HOUR))
    assert hours_by_price(found).get(Decimal("0.5"), 0) == night
    assert hours_by_price(found).get(Decimal(1), 0) == hours - night


def test_a_window_inside_the_hour_that_is_left_out_is_empty():
    gap = element(price("TIME", 9), start_time="02:00", end_time="03:00")
    found = cost([period(local(0, day=29), 240, charging=True)], tariff(gap, PER_HOUR))
    assert hours_by_price(found) == {Decimal(1): 4}


def test_a_window_that_starts_inside_the_hour_left_out_starts_when_the_clock_jumps():
    half = element(price("TIME", 9), start_time="02:30", end_time="04:00")
    found = cost([period(local(1, day=29), 180, charging=True)], tariff(half, PER_HOUR))
    assert hours_by_price(found) == {Decimal(1): 2, Decimal(9): 1}


def test_a_window_inside_the_repeated_hour_comes_twice():
    twice = element(price("TIME", 9), start_time="02:00", end_time="02:30")
    start = local(1, day=25, month=10)
    found = cost([period(start, 240, charging=True)], tariff(twice, PER_HOUR))
    assert hours_by_price(found) == {Decimal(1): 3, Decimal(9): 1}


def test_another_zone_has_another_clock():
    found = cost([period(local(20), 240, charging=True)], tariff(NIGHT, PER_HOUR), zone="UTC")
    assert hours_by_price(found) == {Decimal(1): 3, Decimal("0.5"): 1}


def test_days_and_dates_change_at_local_midnight():
    sunday = element(price("TIME", 2), day_of_week=["SUNDAY"])
    found = cost([period(local(22, day=7), 240, charging=True)], tariff(sunday, PER_HOUR))
    assert hours_by_price(found) == {Decimal(1): 2, Decimal(2): 2}
    dated = element(price("TIME", 3), start_date="2026-03-03", end_date="2026-03-04")
    found = cost([period(local(22), 48 * 60, charging=True)], tariff(dated, PER_HOUR))
    assert hours_by_price(found) == {Decimal(1): 24, Decimal(3): 24}


def test_an_element_applies_from_its_lower_to_below_its_upper_end():
    steps = tariff(
        element(price("ENERGY", 1), max_kwh=10.0),
        element(price("ENERGY", 2), min_kwh=10.0, max_kwh=15.0),
        price("ENERGY", 3),
    )
    found = cost([period(MONDAY, 60, charging=True, energy_kwh=20)], steps)
    assert found.total_excl == 10 + 2 * 5 + 3 * 5


def test_the_first_element_that_matches_gives_the_price():
    assert cost([period(MONDAY, 60, **CHARGING)], tariff(PER_HOUR, NIGHT)).total_excl == 1


def test_no_matching_element_costs_nothing():
    only = tariff(element(PER_HOUR, min_duration=7200))
    found = cost([period(MONDAY, 60, **CHARGING)], only)
    assert (found.lines, found.total_excl, found.total_incl) == ((), 0, 0)


def test_a_flat_price_counts_once_when_its_element_first_applies():
    overstay = tariff(element(price("FLAT", 10), min_duration=3600), price("FLAT", 1))
    short = cost(chain(MONDAY, (30, CHARGING), (30, PARKING)), overstay)
    assert short.total_excl == 1
    long = cost(chain(MONDAY, (30, CHARGING), (31, PARKING), (60, PARKING)), overstay)
    assert long.total_excl == 11
    assert [line.element for line in long.lines] == [1, 0]


def test_energy_given_back_is_credited_and_not_rounded():
    found = cost(
        [period(MONDAY, 60, charging=True, energy_kwh=-1.2345)], tariff(price("ENERGY", 2, 10, 500))
    )
    assert (found.total_excl, found.total_incl) == (Decimal("-2.469"), Decimal("-2.7159"))


@pytest.mark.parametrize(
    ("included", "vat", "excl", "incl"),
    [
        ("NO", 20, "2.10", "2.52"),
        ("NO", 0, "2.10", "2.10"),
        ("NO", None, "2.10", None),
        ("YES", None, None, "2.10"),
        ("YES", 20, "1.75", "2.10"),
        ("N/A", None, "2.10", "2.10"),
        (None, 20, "2.10", "2.52"),
    ],
)
def test_taxes_are_inside_the_price_or_on_top_or_not_said(included, vat, excl, incl):
    fields = {} if included is None else {"tax_included": included}
    found = cost([period(MONDAY, 60, **CHARGING)], tariff(price("TIME", 2.1, vat), **fields))
    assert found.total_excl == (None if excl is None else Decimal(excl))
    assert found.total_incl == (None if incl is None else Decimal(incl))


LIMITS = [
    # each side has its own limit, whichever is reached first
    ("max_price", {"excl_vat": "10", "incl_vat": "11"}, 9.6, "9.60", "11"),
    ("max_price", {"before_taxes": "10", "after_taxes": "11"}, 20, "10", "11"),
    ("max_price", {"before_taxes": "10"}, 20, "10", "12"),
    ("max_price", {"after_taxes": "12"}, 20, "10", "12"),
    ("min_price", {"excl_vat": "5", "incl_vat": "5.5"}, 1, "5", "5.5"),
    ("min_price", {"excl_vat": "5"}, 1, "5", "6"),
    ("min_price", {"excl_vat": "5", "incl_vat": "5.5"}, 9, "9", "10.8"),
]


@pytest.mark.parametrize(("name", "limit", "kwh", "excl", "incl"), LIMITS)
def test_a_limit_holds_without_taxes_and_with_them(name, limit, kwh, excl, incl):
    given = {side: Decimal(amount) for side, amount in limit.items()}
    found = cost(
        [period(MONDAY, 60, **energy(kwh))], tariff(price("ENERGY", 1, 20), **{name: given})
    )
    assert (found.total_excl, found.total_incl) == (Decimal(excl), Decimal(incl))
    assert found.total_excl == sum(line.excl for line in found.lines)


def test_periods_under_two_tariffs_are_priced_by_each():
    cheap, fast = tariff(PER_HOUR), tariff(price("TIME", 3, None, 3600))
    periods = chain(
        MONDAY,
        (30, CHARGING | {"tariff_id": "cheap"}),
        (45, CHARGING | {"tariff_id": "fast"}),
        (10, CHARGING),
    )
    found = rate(periods, {"cheap": cheap, "fast": fast}, BERLIN)
    assert [line.billed for line in found.lines] == [Decimal("0.5"), Decimal("1.5")]
    assert found.total_excl == Decimal("5.0")


def test_a_current_that_is_not_stated_is_named_and_fulfils_no_restriction():
    strong = tariff(element(price("TIME", 9), min_current=32.0), PER_HOUR)
    found = cost([period(MONDAY, 60, **energy(10))], strong)
    assert found.total_excl == 1
    assert "states no current" in found.gaps[0]
    assert cost([period(MONDAY, 60, **PARKING)], strong).gaps == ()


@pytest.mark.parametrize(
    ("limits", "current", "is_dear"),
    [
        ({"min_current": 32.0}, 31.9, False),
        ({"min_current": 32.0}, 32, True),
        ({"max_current": 32.0}, 31.9, True),
        ({"max_current": 32.0}, 32, False),
        ({"min_current": 16.0, "max_current": 32.0}, 15.9, False),
        ({"min_current": 16.0, "max_current": 32.0}, 16, True),
        ({"min_power": 11.0}, 7, False),
        ({"min_power": 7.0, "max_power": 11.0}, 7, True),
        ({"max_power": 7.0}, 7, False),
        ({"max_power": 7.0}, 6.9, True),
    ],
)
def test_current_and_power_hold_from_the_lower_to_below_the_upper_end(limits, current, is_dear):
    terms = tariff(element(price("TIME", 9), **limits), PER_HOUR)
    stated = {f"{end}_{kind}": current for end in ("min", "max") for kind in ("current", "power")}
    found = cost([period(MONDAY, 60, charging=True, energy_kwh=5, **stated)], terms)
    assert found.total_excl == (9 if is_dear else 1)


@pytest.mark.parametrize(("day", "month", "hours"), [(29, 3, 23), (25, 10, 25), (2, 3, 24)])
def test_a_day_has_its_own_hours_under_a_price_of_that_day(day, month, hours):
    start = local(0, day=day, month=month)
    first = date(2026, month, day)
    dates = {"start_date": f"{first}", "end_date": f"{first + timedelta(days=1)}"}
    terms = tariff(element(price("TIME", 1), **dates))
    found = cost([period(start - timedelta(hours=3), 30 * 60 + 60, charging=True)], terms)
    assert found.total_excl == hours


def test_a_charge_over_midnight_is_priced_by_each_local_day_of_the_week():
    days = tariff(
        element(price("ENERGY", 1), day_of_week=["SATURDAY"]),
        element(price("ENERGY", 2), day_of_week=["SUNDAY"]),
    )
    late = local(23, day=7)  # a Saturday, 22:00 in UTC
    charge = [period(late, 120, **energy(10))]
    assert cost(charge, days).total_excl == 5 * 1 + 5 * 2
    assert cost(charge, days, zone="UTC").total_excl == 10 * 1
    assert cost(charge, days, zone="Pacific/Auckland").total_excl == 10 * 2


def test_without_a_stated_power_the_average_counts():
    strong = tariff(element(price("ENERGY", 1), min_power=10.0), price("ENERGY", 0))
    assert cost([period(MONDAY, 60, **energy(10))], strong).total_excl == 10
    assert cost([period(MONDAY, 61, **energy(10))], strong).total_excl == 0


@pytest.mark.parametrize(
    ("periods", "zone", "words"),
    [
        ([], BERLIN, "1 to"),
        ([period(MONDAY, 60), period(MONDAY, 60)], BERLIN, "Period 2 starts before"),
        ([period(MONDAY, -1)], BERLIN, "ends before it starts"),
        ([period(MONDAY.replace(tzinfo=None), 60)], BERLIN, "without a time zone"),
        ([period(MONDAY, 60 * 24 * 401)], BERLIN, "400 days"),
        ([period(MONDAY, 60, tariff_id="other")], BERLIN, "names the tariff 'other'"),
        ([period(MONDAY, 60)], "Mars/Olympus", "no time zone"),
        ([period(MONDAY, 60)], "../etc/passwd", "no time zone"),
    ],
)
def test_a_charge_that_makes_no_sense_is_refused_in_words(periods, zone, words):
    with pytest.raises(InvalidCharge, match=words):
        cost(periods, tariff(PER_HOUR), zone=zone)


def test_two_currencies_are_never_added():
    with pytest.raises(InvalidCharge, match="one currency"):
        rate(
            [period(MONDAY, 60)],
            {"a": tariff(PER_HOUR), "b": tariff(PER_HOUR, currency="SEK")},
            BERLIN,
        )


def test_a_year_under_many_windows_is_priced_in_a_moment():
    windows = [
        element(price("TIME", hour), start_time=f"{hour:02}:00", end_time=f"{hour:02}:59")
        for hour in range(24)
    ]
    found = cost([period(MONDAY, 60 * 24 * 30, charging=True)], tariff(*windows, PER_HOUR))
    assert sum(line.billed for line in found.lines) == Decimal(24 * 30)
    assert found.lines[0].billed == Decimal("29.5") or len(found.lines) == 25


def test_the_longest_charge_ends_and_does_not_overflow():
    start = MONDAY - timedelta(days=1)
    assert cost([period(start, 60 * 24 * 400, charging=True)], tariff(NIGHT, PER_HOUR)).lines
