"""Stretches of a device's odometer: every Wh ever certified has a number, from 0."""

from dataclasses import dataclass

CERTIFICATE_WH = 1_000_000  # a certificate stands for one MWh


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """Wh numbers [first, end)."""

    first: int
    end: int

    @property
    def amount_wh(self) -> int:
        return self.end - self.first


def overlap(one: Stretch, other: Stretch) -> Stretch | None:
    """What two stretches share, if anything."""
    first, end = max(one.first, other.first), min(one.end, other.end)
    return Stretch(first, end) if first < end else None


def certificate_numbers(stretch: Stretch) -> range:
    """The certificates a stretch lies in."""
    return range(stretch.first // CERTIFICATE_WH, -(-stretch.end // CERTIFICATE_WH))
