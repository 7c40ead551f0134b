"""Numbers as people read them: one place rounds, and only on display."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django import template

from charging.domain import figures
from charging.views import numbers
from charging.views.numbers import localised

register = template.Library()
NOTHING = "\N{EN DASH}"
STACK = ("matched", "other", "held", "gap")  # how the parts of a bar are filled


@register.filter
def digits(value: int | None) -> str:
    """A whole number with its thousands set apart; a dash for nothing."""
    return NOTHING if value is None else localised(f"{value:,}")


@register.filter
def signed(value: int) -> str:
    """A difference with its sign."""
    return localised(f"{value:+,}".replace("-", "\N{MINUS SIGN}")) if value else "0"


@register.filter
def kwh(value_wh: int | None) -> str:
    """Whole Wh as kWh with every digit that is there: 12,345 Wh is 12.345 kWh."""
    return NOTHING if value_wh is None else numbers.kwh(value_wh)


@register.filter
def energy(value_wh: int | None) -> str:
    """Whole Wh in the unit that reads best, three significant figures, rounded down."""
    return NOTHING if value_wh is None else numbers.energy(value_wh)


@register.filter
def grams(value_ug: int | None) -> str:
    """Micrograms as g, kg or t, rounded once."""
    return NOTHING if value_ug is None else numbers.mass(value_ug)


@register.simple_tag
def percent(part: int, whole: int, decimals: int = 0) -> str:
    """A share, rounded down, so that 100 % is said only of the whole."""
    return numbers.percent(part, whole, decimals)


@register.filter
def power(value_w: int) -> str:
    """Whole watts as kW or MW."""
    if value_w >= 1_000_000:
        megawatts = f"{Decimal(value_w) / 1_000_000:,.3f}".rstrip("0").rstrip(".")
        return localised(megawatts) + " MW"
    return localised(f"{Decimal(value_w) / 1000:,.1f}".removesuffix(".0")) + " kW"


@register.filter
def local(value: datetime, timezone: str) -> datetime:
    """The same instant on the clocks of a place."""
    return value.astimezone(ZoneInfo(timezone))


@register.inclusion_tag("parts/share_bar.html")
def share_bar(part: int, whole: int) -> dict[str, str]:
    """A bar as wide as the whole, filled as far as the part reaches."""
    return {"width": f"{100 * part / whole:.2f}" if whole else "0"}


@register.inclusion_tag("parts/stack_bar.html")
def stack_bar(*parts: int) -> dict[str, object]:
    """A bar of four parts side by side, the first filled most, the last left empty."""
    whole = sum(parts)
    segments, start = [], 0
    for part, fill in zip(parts, STACK, strict=True):
        if part:
            left, right = 100 * start / whole, 100 * (start + part) / whole
            segments.append((f"{left:.2f}", f"{right - left:.2f}", fill))
        start += part
    return {"segments": segments}


@register.filter
def kwh_short(value_wh: int) -> str:
    """Whole Wh in kWh without the unit, two decimals at most, rounded down, for tight places."""
    return localised(figures.kwh_short(value_wh))


@register.filter
def g_per_kwh(value_ug_per_wh: int | None) -> str:
    """Micrograms per Wh (milligrams per kWh) as whole grams per kWh."""
    if value_ug_per_wh is None:
        return NOTHING
    return localised(f"{round(Decimal(value_ug_per_wh) / 1000):,}")


@register.filter
def plain(value: Decimal) -> str:
    """A decimal without an exponent or needless noughts."""
    return localised(f"{value:f}")


@register.filter
def minus(value: int, other: int) -> int:
    """A difference of whole numbers."""
    return value - other


@register.filter(name="hex")
def as_hex(value: bytes | memoryview) -> str:
    """Bytes as hexadecimal digits behind 0x."""
    return "0x" + bytes(value).hex()


@register.filter
def named(code: str, names: Mapping[str, str]) -> str:
    """What a code is called; the code itself where nobody named it."""
    return names.get(code, code)
