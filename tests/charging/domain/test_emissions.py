"""Emissions in whole micrograms."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.emissions import (
    CO2,
    CO2E,
    DIRECT,
    LIFECYCLE,
    Factor,
    FactorKind,
    HourOfEnergy,
    PetrolCar,
    Used,
    by_factor,
    charge_parts,
    charge_ug,
    grid_ug,
    total_ug,
)
from charging.errors import FactorsDiffer

CAR = PetrolCar(Decimal(94), Decimal(32), Decimal("7.5"), Decimal("0.2"))


def factor(ug, kind=FactorKind.PLANT, scope=LIFECYCLE, gas=CO2E):
    return Factor(ug, kind, scope, gas, f"made {kind}", 2018)


def average(ug):
    return factor(ug, FactorKind.AVERAGE)


WIND = factor(11)


def test_matched_energy_counts_at_its_lot_and_the_rest_at_the_grid():
    hours = [
        HourOfEnergy(1_000, ((600, WIND),), average(200)),
        HourOfEnergy(500, (), average(300)),
    ]
    assert charge_ug(hours) == 600 * 11 + 400 * 200 + 500 * 300
    assert grid_ug(hours) == 1_000 * 200 + 500 * 300


def test_the_rest_counts_at_the_residual_mix_where_one_is_published():
    residual = factor(420, FactorKind.RESIDUAL)
    hours = [HourOfEnergy(1_000, ((600, WIND),), average(200), residual)]
    assert charge_ug(hours) == 600 * 11 + 400 * 420
    assert grid_ug(hours) == 1_000 * 200  # the grid's average stays what it is


def test_a_residual_mix_of_direct_emissions_is_not_added_to_lifecycle_factors():
    residual = factor(420, FactorKind.RESIDUAL, DIRECT, CO2)
    hours = [HourOfEnergy(1_000, ((600, WIND),), average(200), residual)]
    assert charge_ug(hours) == 600 * 11 + 400 * 200
    alone = [HourOfEnergy(1_000, ((600, WIND),), None, residual)]
    assert charge_ug(alone) is None


def test_a_residual_mix_alone_tells_what_an_unmatched_hour_emitted():
    residual = factor(420, FactorKind.RESIDUAL, DIRECT, CO2)
    assert charge_ug([HourOfEnergy(10, (), None, residual)]) == 4_200


def test_energy_that_proves_no_emissions_counts_as_the_grid_s():
    assert charge_ug([HourOfEnergy(100, ((100, None),), average(200))]) == 20_000


def test_without_the_grid_s_figure_a_gap_has_no_emissions():
    assert charge_ug([HourOfEnergy(100, ((99, WIND),), None)]) is None
    assert charge_ug([HourOfEnergy(100, ((100, WIND),), None)]) == 1_100
    assert grid_ug([HourOfEnergy(100, ((100, WIND),), None)]) is None


def test_a_credit_stays_below_zero():
    credit = factor(-500)
    assert charge_ug([HourOfEnergy(100, ((100, credit),), None)]) == -50_000
    assert charge_ug([HourOfEnergy(100, ((60, credit),), average(200))]) == -22_000


BASES = st.builds(
    factor,
    st.integers(-1_000_000, 2_000_000),
    st.sampled_from(FactorKind),
    st.sampled_from([LIFECYCLE, DIRECT]),
    st.sampled_from([CO2E, CO2]),
)


@given(st.lists(st.builds(Used, st.integers(1, 10**9), BASES), max_size=6))
def test_only_factors_that_count_the_same_are_added(used):
    """Scope, gas and average against marginal: any two that differ are refused."""
    marginal = FactorKind.MARGINAL
    kinds = {(u.factor.scope, u.factor.gas, u.factor.kind is marginal) for u in used}
    if len(kinds) > 1:
        with pytest.raises(FactorsDiffer, match="side by side"):
            total_ug(used)
    else:
        assert total_ug(used) == sum(u.amount_wh * u.factor.ug_per_wh for u in used)


@given(st.lists(st.builds(Used, st.integers(1, 10**9), BASES), max_size=8))
def test_gathering_by_factor_loses_no_wh_and_no_microgram(used):
    together = by_factor(used)
    assert sum(u.amount_wh for u in together) == sum(u.amount_wh for u in used)
    assert sum(u.emissions_ug for u in together) == sum(u.emissions_ug for u in used)
    assert len({u.factor for u in together}) == len(together)


@given(
    st.lists(
        st.tuples(st.integers(1, 10**6), st.integers(0, 100), st.integers(0, 10**6)), max_size=5
    )
)
def test_every_wh_of_a_charge_counts_at_one_factor(hours):
    made = [
        HourOfEnergy(wh, ((wh * part // 100, WIND),), average(figure)) for wh, part, figure in hours
    ]
    parts = charge_parts(made)
    assert sum(part.amount_wh for part in parts) == sum(wh for wh, _, _ in hours)


def test_petrol_is_counted_over_the_same_distance():
    assert CAR.distance_km(20_000) == Decimal("100.0")
    assert CAR.petrol_ug(20_000) == 94 * 32 * 75 * 100_000


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_petrol_of_two_charges_adds_up_but_for_rounding(first, second):
    together = CAR.petrol_ug(first + second)
    assert abs(together - CAR.petrol_ug(first) - CAR.petrol_ug(second)) <= 1
