"""A residual mix is found by area and year, and says what it counts."""

from decimal import Decimal

import pytest

from charging.domain.comparators import FIGURES, Figure
from charging.domain.emissions import CO2, DIRECT, FactorKind
from charging.domain.residual import residual_mix
from charging.errors import UnreadableFigure

GB = "10YGB----------A"
ROW = Figure(f"residual-{GB}-2024", "GB", Decimal("420.76"), "g CO2/kWh, direct", "AIB, 2024")


def test_a_published_mix_becomes_a_factor_in_whole_micrograms():
    found = residual_mix([*FIGURES, ROW], area=GB, year=2024)
    assert found.ug_per_wh == 420_760
    assert (found.kind, found.scope, found.gas) == (FactorKind.RESIDUAL, DIRECT, CO2)
    assert (found.source, found.year) == ("AIB, 2024", 2024)


@pytest.mark.parametrize(("area", "year"), [(GB, 2018), ("10Y1001A1001A83F", 2024)])
def test_no_other_area_or_year_borrows_it(area, year):
    assert residual_mix([ROW], area=area, year=year) is None


def test_a_unit_without_gas_and_scope_is_refused_in_words():
    row = Figure(ROW.key, "GB", Decimal(1), "g/kWh", "AIB")
    with pytest.raises(UnreadableFigure, match=r"gas and scope; use one of: g CO2e/kWh, lifec"):
        residual_mix([row], area=GB, year=2024)
