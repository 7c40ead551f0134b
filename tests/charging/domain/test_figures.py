"""Figures never say more than is there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain import figures

WH = st.integers(1, 10**15)


def number(text: str) -> str:
    return text.split(figures.NARROW_SPACE)[0]


@given(WH, st.integers(0, 10**15), st.integers(0, 3))
def test_a_hundred_per_cent_is_said_only_of_the_whole(whole, part, decimals):
    part = min(part, whole)
    shown = figures.percent(part, whole, decimals=decimals)
    assert (
        number(shown).rstrip("0").rstrip(".") == "1" + "00"[:2] or number(shown).startswith("100")
    ) == (part == whole)


@given(WH, WH, st.integers(1, 3))
def test_a_share_is_never_rounded_up(one, other, decimals):
    part, whole = sorted((one, other))
    assert float(number(figures.percent(part, whole, decimals=decimals))) * whole <= part * 100 * (
        1 + 1e-12
    )


def test_a_little_is_not_nothing():
    assert figures.percent(1, 1_000) == "<\u202f1\u202f%"
    assert figures.percent(0, 1_000) == "0\u202f%"


@pytest.mark.parametrize(("part", "whole"), [(1, 0), (-1, 5), (6, 5)])
def test_what_is_no_part_is_refused(part, whole):
    with pytest.raises(ValueError, match="not a part"):
        figures.percent(part, whole)


@given(st.integers(0, 10**13))
def test_kwh_loses_no_watt_hour(amount):
    assert int(number(figures.kwh(amount)).replace(",", "").replace(".", "")) == amount


@pytest.mark.parametrize(
    ("amount", "shown"),
    [(0, "0"), (47, "0.04"), (999, "0.99"), (3_217, "3.21"), (12_345, "12.3"), (104_900, "104")],
)
def test_above_a_bar_only_what_fits(amount, shown):
    assert float(figures.kwh_short(amount)) == float(shown)
    assert len(figures.kwh_short(amount)) <= 4


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (0, "0 Wh"),
        (999, "999 Wh"),
        (1_999, "1.99 kWh"),
        (262_134_364, "262 MWh"),
        (5_663_514_360, "5.66 GWh"),
    ],
)
def test_energy_in_the_unit_that_reads_best(amount, shown):
    assert figures.energy(amount).replace(figures.NARROW_SPACE, " ") == shown


@pytest.mark.parametrize(
    ("amount", "shown"),
    [(0, "0 g"), (5, "5 µg"), (556_000_000, "556 g"), (5_836_000_000, "5.84 kg")],
)
def test_mass_in_the_unit_that_reads_best(amount, shown):
    assert figures.mass(amount).replace(figures.NARROW_SPACE, " ") == shown
