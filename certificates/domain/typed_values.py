"""Values that a person types for intervals, as the meter file that states them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from certificates.errors import ValueRefused

START, ENERGY, REPLACED = "interval_start_utc", "energy_kwh", "replaces_version"
LONGEST = 30  # characters of a value


@dataclass(frozen=True, slots=True)
class TypedValue:
    """What was typed for one interval, in kWh; `version` is what it takes the place of."""

    starts_at: datetime
    version: int
    text: str


def as_file(values: Sequence[TypedValue]) -> str:
    """A meter file with a line for each value that is not empty.

    The version that each replaces stands beside it: stating a value again after it was
    corrected to another is another file, while a second click sends the same one.
    Raises: ValueRefused.
    """
    lines = [f"{START},{ENERGY},{REPLACED}"]
    for place, value in enumerate(values):
        text = value.text.strip()
        if text:
            start = value.starts_at.astimezone(UTC)
            lines.append(f"{start:%Y-%m-%dT%H:%M:%SZ},{_kwh(text, start, place)},{value.version}")
    if len(lines) == 1:
        raise ValueRefused("Enter at least one new value.", place=0)
    return "\n".join([*lines, ""])


def _kwh(text: str, start: datetime, place: int) -> str:
    try:
        value = Decimal(text) if len(text) <= LONGEST and text.isascii() else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise ValueRefused(
            f"{start:%H:%M}: {text[:LONGEST]!r} is no amount in kWh. Write it like 1520.118, with "
            "a point and without a unit.",
            place=place,
        )
    return f"{value:f}"
