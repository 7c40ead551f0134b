"""What holds for every tariff and every charge."""

from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.charging.domain.tariff.made import BERLIN, chain, cost, element, local, price, tariff

HALF_A_SECOND = Decimal("0.5") / 3600 + Decimal("0.000001")  # volumes are shown to six decimals
COMPONENTS = st.sampled_from(["ENERGY", "TIME", "PARKING_TIME", "FLAT"])
PRICES = st.builds(
    price,
    COMPONENTS,
    st.decimals(0, 5, places=2),
    st.none() | st.sampled_from([0, 10, 19]),
    st.sampled_from([1, 60, 300, 900, 500]),
)
CLOCKS = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30]))
RESTRICTIONS = st.fixed_dictionaries(
    {},
    optional={
        "start_time": CLOCKS,
        "end_time": CLOCKS,
        "max_kwh": st.sampled_from([1.0, 7.5, 20.0]),
        "min_kwh": st.sampled_from([0.5, 10.0]),
        "max_duration": st.sampled_from([1800, 5000]),
        "min_duration": st.sampled_from([600, 7200]),
        "day_of_week": st.just(["MONDAY", "SUNDAY"]),
        "min_power": st.sampled_from([3.7, 11.0]),
    },
)
ELEMENTS = st.lists(
    st.builds(
        lambda prices, limits: element(*prices, **limits),
        st.lists(PRICES, min_size=1, max_size=3),
        RESTRICTIONS,
    ),
    min_size=1,
    max_size=4,
)
LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "min_price": st.just({"excl_vat": Decimal(2), "incl_vat": Decimal(2)}),
        "max_price": st.just({"excl_vat": Decimal(9)}),
        "tax_included": st.sampled_from(["YES", "NO", "N/A"]),
    },
)
TARIFFS = st.builds(lambda listed, fields: tariff(*listed, **fields), ELEMENTS, LIMITS)
PARTS = st.lists(
    st.tuples(
        st.integers(0, 600),
        st.one_of(
            st.builds(
                lambda kwh: {"charging": True, "energy_kwh": kwh}, st.decimals(0, 60, places=3)
            ),
            st.just({"parking": True}),
        ),
    ),
    min_size=1,
    max_size=5,
)
# Around both changes of the clock, and on a plain day.
STARTS = st.builds(
    lambda day, minute: local(0, day=day[0], month=day[1]) + timedelta(minutes=minute),
    st.sampled_from([(2, 3), (28, 3), (24, 10)]),
    st.integers(0, 2000),
)


def halves(period, share):
    """The period in two, in proportion; exact."""
    seconds = Fraction(period.seconds) * share
    middle = period.starts_at + timedelta(microseconds=int(seconds * 10**6))
    length = Fraction(period.seconds)
    exact = Fraction((middle - period.starts_at) // timedelta(microseconds=1), 10**6)
    share = exact / length if length else share
    names = ("energy_kwh", "charging_s", "parking_s", "reservation_s")
    first = {name: Fraction(getattr(period, name)) * share for name in names}
    second = {name: Fraction(getattr(period, name)) - first[name] for name in names}
    power = Fraction(period.energy_kwh) * 3600 / Fraction(period.charging_s or 1)
    stated = {"min_power": power, "max_power": power} if period.charging_s else {}
    return [
        replace(period, ends_at=middle, **first, **stated),
        replace(period, starts_at=middle, **second, **stated),
    ]


@given(TARIFFS, STARTS, PARTS, st.data())
def test_splitting_a_period_changes_nothing(terms, start, parts, data):
    periods = chain(start, *parts)
    place = data.draw(st.integers(0, len(periods) - 1))
    share = data.draw(st.fractions(0, 1, max_denominator=1000))
    split = [*periods[:place], *halves(periods[place], share), *periods[place + 1 :]]
    whole, cut = cost(periods, terms), cost(split, terms)
    assert set(cut.lines) == set(whole.lines)
    assert (cut.total_excl, cut.total_incl) == (whole.total_excl, whole.total_incl)


@given(TARIFFS, STARTS, PARTS)
def test_the_totals_are_the_sums_of_the_lines(terms, start, parts):
    found = cost(chain(start, *parts), terms)
    for side in ("excl", "incl"):
        amounts = [getattr(line, side) for line in found.lines]
        total = getattr(found, f"total_{side}")
        assert total == (None if None in amounts else sum(amounts))


@given(TARIFFS, STARTS, PARTS)
def test_no_charge_that_only_takes_costs_less_than_nothing(terms, start, parts):
    """Prices here are at least 0; what a limit takes off is a line, never more than there is."""
    found = cost(chain(start, *parts), terms)
    for side in ("excl", "incl"):
        total = getattr(found, f"total_{side}")
        assert total is None or total >= 0
        for line in found.lines:
            amount = getattr(line, side)
            assert amount is None or amount >= 0 or line.element is None


@given(STARTS, PARTS, st.decimals(0, 9, places=2), st.sampled_from([1, 100, 500]))
def test_a_plain_price_costs_exactly_the_steps_of_all_energy(start, parts, per_kwh, step):
    found = cost(chain(start, *parts), tariff(price("ENERGY", per_kwh, 0, step)))
    wh = sum(Decimal(str(each.get("energy_kwh", 0))) for _, each in parts) * 1000
    steps = (Decimal(wh) / step).to_integral_value(ROUND_CEILING)
    assert abs(found.total_excl - steps * step * per_kwh / 1000) <= Decimal("0.00005")
    assert found.total_incl == found.total_excl


@given(TARIFFS, STARTS, PARTS)
def test_what_is_billed_is_at_least_what_was_measured_and_less_than_a_step_more(
    terms, start, parts
):
    found = cost(chain(start, *parts), terms)
    for line in found.lines:
        if line.element is not None:
            is_energy = line.component == "ENERGY"
            step = Decimal(max(line.step_size, 1)) / (1000 if is_energy else 3600)
            # Times are whole seconds first, to the nearest.
            less = 0 if is_energy else HALF_A_SECOND
            assert line.measured - less <= line.billed < line.measured + step + Decimal("0.00001")


@given(STARTS, PARTS, st.decimals(0, 50, places=3), ELEMENTS)
def test_more_energy_never_costs_less(start, parts, more, elements):
    """Under prices that do not fall with the power: elements differ by clock and day alone.

    And without steps: one is filled up at the last element's price, so that more energy under
    an earlier, cheaper one leaves less to be filled up.
    """
    kept = ("start_time", "end_time", "day_of_week")
    terms = tariff(
        *(
            {
                "price_components": [p | {"step_size": 1} for p in each["price_components"]],
                "restrictions": {k: v for k, v in each["restrictions"].items() if k in kept},
            }
            for each in elements
        )
    )
    periods = chain(start, *parts)
    fuller = [replace(periods[0], energy_kwh=periods[0].energy_kwh + more), *periods[1:]]
    assert cost(fuller, terms).total_excl >= cost(periods, terms).total_excl


@given(STARTS, PARTS, st.integers(1, 500), st.sampled_from([1, 60, 900]))
def test_staying_longer_never_costs_less(start, parts, minutes, step):
    """Under any steps, as long as parking costs as much as charging by the same step."""
    terms = tariff(
        price("ENERGY", 0.3), price("TIME", 2, None, step), price("PARKING_TIME", 2, None, step)
    )
    periods = chain(start, *parts)
    last = chain(periods[-1].ends_at, (minutes, {"parking": True}))
    shorter, longer = cost(periods, terms), cost([*periods, *last], terms)
    assert longer.total_excl >= shorter.total_excl - Decimal(2 * step) / 3600


@given(STARTS, PARTS, st.decimals("0.01", 9, places=2), st.decimals("0.01", 9, places=2))
def test_a_charge_keeps_to_both_limits(start, parts, one, other):
    low, high = sorted((one, other))
    limits = {
        "min_price": {"excl_vat": low, "incl_vat": low},
        "max_price": {"excl_vat": high, "incl_vat": high},
    }
    found = cost(
        chain(start, *parts), tariff(price("ENERGY", 0.3, 20), price("FLAT", 1, 5), **limits)
    )
    assert low <= found.total_excl <= high
    assert low <= found.total_incl <= high


def test_the_zone_of_the_tests_has_both_changes_of_the_clock():
    assert local(12, day=28).utcoffset() == timedelta(0)
    assert BERLIN == "Europe/Berlin"
    assert local(12, day=30) - local(12, day=28) == timedelta(hours=47)
