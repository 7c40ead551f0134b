"""A claim is held against what was retired: never borne out by what is not there."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.green_claims import (
    GREEN,
    Finding,
    Stated,
    Used,
    by_category,
    judge,
    read_stated,
)
from charging.domain.ocpi.energy_mix import energy_mix

GREEN_CLAIM = Stated(is_green=True, shares=())
amounts = st.integers(0, 10**12)
sources = st.sampled_from(["F01040100", "F01050100", "F01050200", "F03010000", "F02030101"])


def used(charged: int, pending: int = 0, **renewable: int) -> Used:
    return Used(charged, renewable, {}, pending)


@pytest.mark.parametrize(
    ("facts", "finding", "short"),
    [
        (used(1_000, WIND=1_000), Finding.BORNE_OUT, 0),
        (used(1_000, WIND=999), Finding.OVERSTATED, 1),
        (used(1_000, pending=1, WIND=999), Finding.ON_ITS_WAY, 1),
        (used(1_000, pending=1, WIND=998), Finding.OVERSTATED, 2),
        (used(0), Finding.NOTHING_CHARGED, 0),
        (Used(1_000, {"WIND": 900}, {"NUCLEAR": 100}), Finding.OVERSTATED, 100),
        (used(1_000, NUCLEAR=10, WIND=990), Finding.OVERSTATED, 10),
    ],
)
def test_green_means_all_of_it_renewable_and_none_nuclear(facts, finding, short):
    found = judge(GREEN_CLAIM, facts)
    assert (found.finding, found.short_wh) == (finding, short)


def test_a_share_is_held_against_its_own_kind_and_general_green_against_all():
    half_sun = Stated(False, (("SOLAR", Decimal(50)),))
    assert judge(half_sun, used(1_000, WIND=1_000)).short_wh == 500
    half_green = Stated(False, (("GENERAL_GREEN", Decimal(50)),))
    assert judge(half_green, used(1_000, WIND=500)).finding == Finding.BORNE_OUT


def test_kinds_that_are_each_covered_may_not_be_claimed_twice_over():
    twice = Stated(False, (("WIND", Decimal(60)), ("GENERAL_GREEN", Decimal(60))))
    assert judge(twice, used(1_000, WIND=600)).short_wh == 600


def test_who_says_nothing_good_claims_nothing():
    grey = Stated(False, (("COAL", Decimal(100)),))
    assert judge(grey, used(1_000)).finding == Finding.NO_CLAIM


@pytest.mark.parametrize(
    "mix", [None, [], {}, {"is_green_energy": "true"}, {"energy_sources": []}, "green"]
)
def test_what_is_no_mix_is_none(mix):
    assert read_stated(mix) is None


def test_parts_of_a_mix_that_cannot_be_read_are_left_out():
    sources = [{"source": "WIND", "percentage": Decimal("12.5")}, {"source": "SOLAR"}, 7]
    stated = read_stated({"is_green_energy": False, "energy_sources": sources})
    assert stated == Stated(False, (("WIND", Decimal("12.5")),))


@given(st.dictionaries(sources, amounts), st.dictionaries(sources, amounts), amounts)
def test_what_the_registry_itself_states_is_always_borne_out(renewable, other, more):
    charged = sum(renewable.values()) + sum(other.values()) + more
    if not charged:
        return
    stated = read_stated(energy_mix(charged, renewable, other))
    assert stated is not None
    found = judge(stated, Used(charged, by_category(renewable), by_category(other)))
    # Other generation of a renewable kind proves no renewable: its share may not be claimed.
    green_other = any(name in GREEN for name, wh in by_category(other).items() if wh)
    assert found.finding in {Finding.BORNE_OUT, Finding.NO_CLAIM} or green_other


@given(st.integers(1, 10**12), amounts, st.decimals(0, 100, places=4))
def test_a_claim_is_borne_out_exactly_as_far_as_it_was_retired(charged, wind, share):
    wind = min(wind, charged)
    found = judge(Stated(False, (("WIND", share),)), used(charged, WIND=wind))
    is_within = share * charged <= wind * 100
    assert (found.finding == Finding.OVERSTATED) == (not is_within)
