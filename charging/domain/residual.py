"""Residual mixes: what an area's grid is once tracked generation is taken out, by year.

A residual mix is a row of the registry's reference figures. Its key is
`residual-AREA-YEAR`, its unit one of `UNITS`, which say gas and scope, because the published
ones differ: AIB's European residual mixes count the direct CO2 of generation alone.
"""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal

from charging.domain.comparators import Figure
from charging.domain.emissions import CO2, CO2E, DIRECT, LIFECYCLE, Factor, FactorKind
from charging.errors import UnreadableFigure

UG_PER_WH = 1000  # of one g/kWh
UNITS = {
    "g CO2e/kWh, lifecycle": (CO2E, LIFECYCLE),
    "g CO2e/kWh, direct": (CO2E, DIRECT),
    "g CO2/kWh, direct": (CO2, DIRECT),
}
_KEY = re.compile(r"residual-(?P<area>.+)-(?P<year>\d{4})")


def residual_mix(figures: Iterable[Figure], *, area: str, year: int) -> Factor | None:
    """The residual mix of an area (its code) in a year; `None` where none is published.

    Raises: UnreadableFigure when the row's unit does not say gas and scope.
    """
    for figure in figures:
        named = _KEY.fullmatch(figure.key)
        if named and named["area"] == area and int(named["year"]) == year:
            return _factor(figure, year)
    return None


def _factor(figure: Figure, year: int) -> Factor:
    if figure.unit not in UNITS:
        raise UnreadableFigure(
            f"Reference figure {figure.key}: the unit {figure.unit!r} does not say gas and "
            f"scope; use one of: {'; '.join(UNITS)}."
        )
    gas, scope = UNITS[figure.unit]
    whole = (Decimal(figure.value) * UG_PER_WH).to_integral_value(ROUND_HALF_EVEN)
    return Factor(int(whole), FactorKind.RESIDUAL, scope, gas, figure.source, year)
