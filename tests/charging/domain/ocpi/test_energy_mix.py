"""Mixes say no more than what was retired."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.ocpi.energy_mix import CATEGORIES, category, energy_mix
from charging.domain.ocpi.objects import edition

WIND, SOLAR, NUCLEAR, GAS, COAL = "F01050100", "F01040100", "F03010101", "F02030100", "F02010101"
amounts = st.dictionaries(st.sampled_from([WIND, SOLAR]), st.integers(0, 10**9))
others = st.dictionaries(st.sampled_from([NUCLEAR, GAS, COAL]), st.integers(0, 10**9))


@given(amounts, others, st.integers(0, 10**9))
def test_shares_never_overstate_and_green_means_all_of_it(renewable, other, uncovered):
    used = sum(renewable.values()) + sum(other.values()) + uncovered
    if not used:
        with pytest.raises(ValueError, match="energy"):
            energy_mix(used, renewable, other)
        return
    mix = energy_mix(used, renewable, other)
    shares = [row["percentage"] for row in mix["energy_sources"]]
    exact = Decimal(100 * (used - uncovered)) / used
    assert exact - Decimal("0.0001") * len(shares) <= sum(shares) <= exact + Decimal("1e-20")
    assert mix["is_green_energy"] == (sum(renewable.values()) == used)


def test_nuclear_retired_as_anything_is_never_green():
    assert not energy_mix(10, {NUCLEAR: 10}, {})["is_green_energy"]


def test_more_retired_than_used_is_no_mix():
    with pytest.raises(ValueError, match="retired"):
        energy_mix(9, {WIND: 10}, {})


def test_every_category_is_the_standard_s():
    known = edition("2.2.1").enumerations["EnergySourceCategory"].values
    assert {name for _, name in CATEGORIES} <= known
    found = [category(code) for code in (WIND, SOLAR, NUCLEAR, GAS, COAL, "F00000000")]
    assert found == ["WIND", "SOLAR", "NUCLEAR", "GAS", "COAL", "GENERAL_FOSSIL"]
