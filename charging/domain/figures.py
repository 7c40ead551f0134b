"""Figures as people read them. Exact integers in, text out; rounded once, here."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

NARROW_SPACE = "\u202f"
MINUS = "\u2212"
ENERGY_UNITS = ((1_000_000_000, "GWh"), (1_000_000, "MWh"), (1_000, "kWh"), (1, "Wh"))
MASS_UNITS = ((10**12, "t"), (10**9, "kg"), (10**6, "g"), (10**3, "mg"))


def percent(part: int, whole: int, *, decimals: int = 0) -> str:
    """`part` of `whole` in per cent, rounded down: 100 % is said only of the whole.

    Raises: ValueError for a whole of nothing or a part outside it.
    """
    if whole <= 0 or not 0 <= part <= whole:
        raise ValueError(f"{part} is not a part of {whole}.")
    scaled = part * 100 * 10**decimals // whole
    if scaled == 0 and part > 0 and decimals == 0:
        return f"<{NARROW_SPACE}1{NARROW_SPACE}%"
    return f"{Decimal(scaled).scaleb(-decimals):.{decimals}f}{NARROW_SPACE}%"


def kwh(amount_wh: int) -> str:
    """Whole Wh in kWh with all three decimals: nothing is rounded."""
    return f"{Decimal(amount_wh).scaleb(-3):,.3f}{NARROW_SPACE}kWh"


def energy(amount_wh: int) -> str:
    """Whole Wh in the unit that reads best, at most three significant decimals, rounded down."""
    for size, unit in ENERGY_UNITS:
        if abs(amount_wh) >= size:
            return f"{_three_figures(Decimal(amount_wh) / size)}{NARROW_SPACE}{unit}"
    return f"0{NARROW_SPACE}Wh"


def mass(amount_ug: int) -> str:
    """Whole micrograms in the unit that reads best, three significant figures."""
    for size, unit in MASS_UNITS:
        if abs(amount_ug) >= size:
            value = Decimal(amount_ug) / size
            return f"{_three_figures(value, ROUND_HALF_EVEN)}{NARROW_SPACE}{unit}"
    return f"{amount_ug}{NARROW_SPACE}µg" if amount_ug else f"0{NARROW_SPACE}g"


def _three_figures(value: Decimal, rounding: str = ROUND_DOWN) -> str:
    places = max(0, 2 - value.adjusted())
    return f"{value.quantize(Decimal(1).scaleb(-places), rounding):,f}".replace("-", MINUS)


def kwh_short(amount_wh: int) -> str:
    """Whole Wh in kWh, rounded down to what fits above a narrow bar: 0.05, 3.21, 12.3, 104."""
    return f"{_three_figures(Decimal(max(amount_wh, 0)).scaleb(-3)):.4}".rstrip(".")
