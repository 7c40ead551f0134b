"""A charge spread over intervals."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.split import (
    Charged,
    Course,
    Split,
    split,
    split_by_periods,
    split_by_power,
    split_by_readings,
    split_evenly,
)

STARTS = st.integers(1_500_000_000, 1_600_000_000)
DURATIONS = st.integers(1, 24 * 3600)
ENERGIES = st.integers(1, 200_000)
LENGTHS = st.sampled_from([900, 1800, 3600])


@given(STARTS, DURATIONS, ENERGIES, LENGTHS)
def test_nothing_is_lost_and_nothing_is_added(start, duration, energy, length):
    parts = split_evenly(start, start + duration, energy, length)
    assert sum(wh for _, wh in parts) == energy


@given(STARTS, DURATIONS, ENERGIES, LENGTHS)
def test_every_part_lies_in_an_interval_the_charge_touches(start, duration, energy, length):
    for interval, wh in split_evenly(start, start + duration, energy, length):
        assert wh > 0
        assert interval % length == 0
        assert interval < start + duration
        assert interval + length > start


@given(STARTS, DURATIONS, ENERGIES, LENGTHS)
def test_no_part_is_a_whole_wh_away_from_its_share_of_the_time(start, duration, energy, length):
    parts = dict(split_evenly(start, start + duration, energy, length))
    for interval in range(start - start % length, start + duration, length):
        seconds = min(start + duration, interval + length) - max(start, interval)
        assert abs(parts.get(interval, 0) * duration - energy * seconds) < duration


def test_a_tie_goes_to_the_earlier_interval():
    assert split_evenly(1800, 5400, 3) == [(0, 2), (3600, 1)]


def test_a_charge_across_a_clock_change_is_spread_over_real_hours():
    london = ZoneInfo("Europe/London")
    start = datetime(2018, 10, 28, 0, 30, tzinfo=london)  # summer time
    end = datetime(2018, 10, 28, 2, 0, tzinfo=london)  # winter time: two and a half hours later
    parts = split_evenly(int(start.timestamp()), int(end.timestamp()), 10_000)
    hours = [datetime.fromtimestamp(interval, UTC).hour for interval, _ in parts]
    assert hours == [23, 0, 1]
    assert [wh for _, wh in parts] == [2_000, 4_000, 4_000]


@pytest.mark.parametrize(("start", "end", "energy"), [(0, 0, 1), (10, 5, 1), (0, 10, 0)])
def test_a_charge_that_is_none_is_refused(start, end, energy):
    with pytest.raises(ValueError, match="takes energy"):
        split_evenly(start, end, energy)


@st.composite
def charges(draw) -> Charged:
    start = draw(STARTS)
    return Charged(start, start + draw(DURATIONS), draw(ENERGIES), draw(LENGTHS))


def cut_up(draw, total: int, pieces: int) -> list[int]:
    """Whole numbers from nothing on that add up to a total."""
    marks = sorted(draw(st.integers(0, total)) for _ in range(pieces - 1))
    return [b - a for a, b in pairwise([0, *marks, total])]


@st.composite
def charges_in_periods(draw) -> tuple[Charged, list]:
    charged = draw(charges())
    starts = [charged.started, *draw(st.lists(st.integers(1, charged.ended - charged.started)))]
    starts[1:] = sorted(charged.started + offset for offset in starts[1:])
    amounts = cut_up(draw, charged.energy_wh, len(starts))
    periods = [
        (start, [("TIME", Decimal("0.1")), ("ENERGY", Decimal(wh) / 1000)])
        for start, wh in zip(starts, amounts, strict=True)
    ]
    return charged, periods


@st.composite
def charges_with_readings(draw) -> tuple[Charged, list]:
    charged = draw(charges())
    times = [*range(charged.started, charged.ended, 600), charged.ended]
    amounts = cut_up(draw, charged.energy_wh, len(times) - 1)
    register = draw(st.integers(0, 10**9))
    readings = list(zip(times, accumulate([register, *amounts]), strict=True))
    return charged, readings


def second_by_second(charged: Charged, pieces) -> dict[int, Fraction]:
    """Wh of each interval, from what each second of [start, end) took of the pieces."""
    found: dict[int, Fraction] = {}
    for start, end, wh in pieces:
        if end <= start:
            at = min(start, charged.ended - 1)
            seconds = {at: Fraction(wh)}
        else:
            length = charged.interval_seconds
            seconds = {}
            for interval in range(start - start % length, end, length):
                inside = min(end, interval + length) - max(start, interval)
                seconds[max(start, interval)] = Fraction(wh) * inside / (end - start)
        for at, amount in seconds.items():
            interval = at - at % charged.interval_seconds
            found[interval] = found.get(interval, Fraction(0)) + amount
    return found


def assert_near(parts, exact: dict[int, Fraction]) -> None:
    parts = dict(parts)
    assert set(parts) <= set(exact)
    assert all(abs(parts.get(interval, 0) - wh) < 1 for interval, wh in exact.items())


@given(charges_in_periods())
def test_periods_keep_the_sum_and_put_every_wh_where_its_period_is(case):
    charged, periods = case
    parts = split_by_periods(charged, periods)
    assert sum(wh for _, wh in parts) == charged.energy_wh
    assert all(wh > 0 and start % charged.interval_seconds == 0 for start, wh in parts)
    ends = [*(start for start, _ in periods[1:]), charged.ended]
    pieces = [
        (start, end, dimensions[1][1] * 1000)
        for (start, dimensions), end in zip(periods, ends, strict=True)
    ]
    assert_near(parts, second_by_second(charged, pieces))


@given(charges_in_periods(), st.randoms(use_true_random=False))
def test_the_order_of_periods_that_start_apart_changes_nothing(case, order):
    charged, periods = case
    periods = list({start: (start, dimensions) for start, dimensions in periods}.values())
    energy = sum(int(dimensions[1][1] * 1000) for _, dimensions in periods)
    if not energy:
        return
    charged = Charged(charged.started, charged.ended, energy, charged.interval_seconds)
    mixed = list(periods)
    order.shuffle(mixed)
    assert split_by_periods(charged, mixed) == split_by_periods(charged, periods)


@given(charges_with_readings())
def test_signed_readings_keep_the_sum_and_the_hours(case):
    charged, readings = case
    parts = split_by_readings(charged, readings)
    assert sum(wh for _, wh in parts) == charged.energy_wh
    pieces = [(start, end, b - a) for (start, a), (end, b) in pairwise(readings)]
    assert_near(parts, second_by_second(charged, pieces))


@given(charges())
def test_constant_power_is_an_even_spread(charged):
    watts = Fraction(charged.energy_wh * 3600, charged.ended - charged.started)
    samples = [(at, watts) for at in range(charged.started, charged.ended, 900)]
    even = split_evenly(charged.started, charged.ended, charged.energy_wh, charged.interval_seconds)
    assert split_by_power(charged, samples) == even


def test_power_that_rises_along_a_line_is_integrated_along_it():
    samples = [(at, Decimal(at)) for at in range(0, 7201, 600)]  # 0 to 7.2 kW in two hours
    assert split_by_power(Charged(0, 7200, 7200), samples) == [(0, 1800), (3600, 5400)]


def test_the_best_evidence_wins_and_the_method_is_told():
    charged = Charged(0, 7200, 1000)
    readings = [(at, 700 if at else 0) for at in range(0, 3601, 900)]
    readings += [(at, 700 + (at - 3600) // 12) for at in range(4500, 7201, 900)]
    periods = [(0, [("ENERGY", Decimal("0.9"))]), (3600, [("ENERGY", Decimal("0.1"))])]
    power = [(at, 800 if at < 3600 else 200) for at in range(0, 7200, 450)]
    full = Course(readings, periods, power)
    assert split(charged, full) == Split("signed", [(0, 700), (3600, 300)])
    assert split(charged, Course(periods=periods)).parts == [(0, 900), (3600, 100)]
    by_power = split(charged, Course(power=power))
    assert by_power.method == "power"
    assert 750 < dict(by_power.parts)[0] < 850
    assert split(charged, Course()) == Split("uniform", [(0, 500), (3600, 500)])


@pytest.mark.parametrize(
    ("course", "reason"),
    [
        (Course(readings=[(0, 0)]), "not two readings"),
        (Course(readings=[(0, 0), (3600, 1000)]), "do not reach"),
        (Course(readings=[(0, 0), (3000, 600), (4000, 500), (7200, 1000)]), "backward"),
        (Course(readings=[(0, 0), (7200, 1000)]), "nothing is known"),
        (Course(readings=[(n * 900, n * 10) for n in range(9)]), "adds up to 80 Wh"),
        (Course(periods=[(0, [("TIME", Decimal(2))])]), "no energy"),
        (Course(periods=[(0, [("ENERGY", Decimal("-1"))])]), "gives energy back"),
        (
            Course(periods=[(0, [("ENERGY", Decimal(1)), ("ENERGY_EXPORT", Decimal(1))])]),
            "gives energy back",
        ),
        (Course(periods=[(0, [("ENERGY", Decimal("1.5"))])]), "adds up to 1500 Wh"),
        (Course(periods=[(0, [("ENERGY", Decimal("NaN"))])]), "NaN is not an amount"),
        (Course(periods=[(0, [("ENERGY", Decimal("1e999999"))])]), "not an amount"),
        (Course(readings=[(0, Decimal("-Infinity")), (7200, 0)]), "not an amount"),
        (Course(power=[(0, -5)]), "gives power back"),
        (Course(power=[(0, 5), (5400, 500)]), "nothing is known"),
    ],
)
def test_evidence_that_cannot_say_how_it_ran_is_refused_with_the_reason(course, reason):
    found = split(Charged(0, 7200, 1000), course)
    assert found.method == "uniform"
    assert reason in found.refused[0][1]


def test_a_second_best_is_asked_before_the_even_spread():
    course = Course(
        readings=[(0, 0), (7200, 1000)],
        periods=[(0, [("ENERGY", Decimal(1))]), (1800, [("PARKING_TIME", Decimal(1))])],
    )
    found = split(Charged(0, 7200, 1000), course)
    assert (found.method, found.parts) == ("periods", [(0, 1000)])
    assert found.refused[0][0] == "signed"


def test_a_period_that_begins_when_the_charge_ends_falls_into_its_last_interval():
    charged = Charged(1800, 7200, 1000)
    periods = [(1800, [("ENERGY", Decimal("0.6"))]), (7200, [("ENERGY", Decimal("0.4"))])]
    assert split_by_periods(charged, periods) == [(0, 200), (3600, 800)]


@pytest.mark.parametrize("zone", ["Europe/London", "Australia/Lord_Howe", "America/New_York"])
def test_periods_across_a_clock_change_are_real_time(zone):
    """Lord Howe's clock moves by half an hour."""
    midnight = datetime(2018, 4, 1, 0, 0, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    start = int(midnight.timestamp())
    charged = Charged(start, start + 4 * 3600, 4000)
    periods = [(start + n * 3600, [("ENERGY", Decimal(1))]) for n in range(4)]
    parts = split_by_periods(charged, periods)
    assert sum(wh for _, wh in parts) == 4000
    assert len(parts) == (4 if start % 3600 == 0 else 5)
