"""Emissions in whole micrograms."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from charging.domain.emissions import HourOfEnergy, PetrolCar, charge_ug, grid_ug

CAR = PetrolCar(Decimal(94), Decimal(32), Decimal("7.5"), Decimal("0.2"))


def test_matched_energy_counts_at_its_lot_and_the_rest_at_the_grid():
    hours = [HourOfEnergy(1_000, ((600, 11),), 200), HourOfEnergy(500, (), 300)]
    assert charge_ug(hours) == 600 * 11 + 400 * 200 + 500 * 300
    assert grid_ug(hours) == 1_000 * 200 + 500 * 300


def test_energy_that_proves_no_emissions_counts_as_the_grid_s():
    assert charge_ug([HourOfEnergy(100, ((100, None),), 200)]) == 20_000


def test_without_the_grid_s_figure_a_gap_has_no_emissions():
    assert charge_ug([HourOfEnergy(100, ((99, 11),), None)]) is None
    assert charge_ug([HourOfEnergy(100, ((100, 11),), None)]) == 1_100
    assert grid_ug([HourOfEnergy(100, ((100, 11),), None)]) is None


def test_petrol_is_counted_over_the_same_distance():
    assert CAR.distance_km(20_000) == Decimal("100.0")
    assert CAR.petrol_ug(20_000) == 94 * 32 * 75 * 100_000


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_petrol_of_two_charges_adds_up_but_for_rounding(first, second):
    together = CAR.petrol_ug(first + second)
    assert abs(together - CAR.petrol_ug(first) - CAR.petrol_ug(second)) <= 1
