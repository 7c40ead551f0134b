"""A stretch of a device's watt-hours as people read it: within its megawatt-hours."""

from collections.abc import Iterator
from dataclasses import dataclass

WH_PER_CERTIFICATE = 1_000_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """The part of a stretch in one certificate: Wh `first` to `last` of it, both included."""

    certificate: int
    first: int
    last: int


def stretches(first_wh: int, amount_wh: int) -> Iterator[Stretch]:
    """Cut [first_wh, first_wh + amount_wh) where a new megawatt-hour begins."""
    start, end = first_wh, first_wh + amount_wh
    while start < end:
        number = start // WH_PER_CERTIFICATE
        base = number * WH_PER_CERTIFICATE
        stop = min(end, base + WH_PER_CERTIFICATE)
        yield Stretch(number, start - base, stop - base - 1)
        start = stop
