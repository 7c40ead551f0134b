"""How a charge ran, as the charging periods of a Session or CDR tell it."""

from itertools import pairwise
from typing import Any

from charging.domain.local_time import to_seconds
from charging.domain.ocpi.values import read_instant
from charging.domain.split import WH_PER_KWH, Course, Period, Sample

POWER = "POWER"  # of OCPI's dimensions, the mean power of a period in kW


def course_of(row: dict[str, Any]) -> Course:
    """The course of a checked Session or CDR: energy by period, and mean power by period."""
    periods: list[Period] = sorted(
        (
            (
                to_seconds(read_instant(period["start_date_time"])),
                [(each["type"], each["volume"]) for each in period["dimensions"]],
            )
            for period in row.get("charging_periods") or ()
        ),
        key=lambda period: period[0],
    )
    end = row.get("end_date_time")
    return Course(
        periods=_energies(periods),
        power=_powers(periods, to_seconds(read_instant(end))) if end else (),
    )


def _energies(periods: list[Period]) -> tuple[Period, ...]:
    """The periods, where any of them says what it took or gave back."""
    names = {name for _, dimensions in periods for name, _ in dimensions}
    return tuple(periods) if any(name.startswith("ENERGY") for name in names) else ()


def _powers(periods: list[Period], ended: int) -> tuple[Sample, ...]:
    """The mean of each period, from its first second to its last; none where one is missing."""
    samples: list[Sample] = []
    for (start, dimensions), (end, _) in pairwise([*periods, (ended, ())]):
        mean = next((volume for name, volume in dimensions if name == POWER), None)
        if mean is None:
            return ()
        if end > start:
            samples += [(start, mean * WH_PER_KWH), (max(start, end - 1), mean * WH_PER_KWH)]
    return tuple(samples)
