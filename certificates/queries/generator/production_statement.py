"""A month's statement of one plant: every interval, its days, and its sums."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime

from certificates.models import Device
from certificates.queries.plants.ownership import owners_of
from certificates.queries.readings.mass_balance import BalanceRow, mass_balance

MONTHS = 12
AMOUNTS = (
    "generated_wh",
    "issued_wh",
    "waiting_wh",
    "withheld_wh",
    "held_wh",
    "retired_wh",
    "expired_wh",
    "withdrawn_wh",
)


@dataclass(frozen=True, slots=True)
class Sums:
    """Wh summed over intervals, named as in the mass balance."""

    intervals: int
    generated_wh: int
    issued_wh: int
    waiting_wh: int
    withheld_wh: int
    held_wh: int
    retired_wh: int
    expired_wh: int
    withdrawn_wh: int

    def amounts(self) -> list[int]:
        """The Wh in the order of AMOUNTS."""
        return [getattr(self, name) for name in AMOUNTS]


@dataclass(frozen=True, slots=True)
class ProductionStatement:
    """What a plant made in one UTC month and where it is now."""

    device: Device
    first: date
    rows: Sequence[BalanceRow]

    @property
    def owner(self) -> str:
        """Whose the plant was in the month, in turn where it changed hands."""
        owners = owners_of(self.device)
        return ", ".join(dict.fromkeys(owners.at(row.starts_at).name for row in self.rows))

    @property
    def totals(self) -> Sums:
        """Of the whole month."""
        return _sums(self.rows)

    @property
    def days(self) -> list[tuple[date, Sums]]:
        """Of each UTC day that has an interval, in order."""
        found: dict[date, list[BalanceRow]] = {}
        for row in self.rows:
            found.setdefault(row.starts_at.astimezone(UTC).date(), []).append(row)
        return [(day, _sums(rows)) for day, rows in found.items()]


def production_statement(device: Device, first: date) -> ProductionStatement:
    """The month that begins on `first`."""
    starts_at = datetime(first.year, first.month, 1, tzinfo=UTC)
    year, month = first.year + first.month // MONTHS, first.month % MONTHS + 1
    rows = mass_balance(device, starts_at, datetime(year, month, 1, tzinfo=UTC))
    return ProductionStatement(device, first, rows)


def _sums(rows: Iterable[BalanceRow]) -> Sums:
    every = list(rows)
    names = [field.name for field in fields(Sums)][1:]
    return Sums(len(every), *(sum(getattr(row, name) for row in every) for name in names))
