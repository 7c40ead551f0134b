"""One file before the rules: its lines, the plant, what the registry knows, and the verdicts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from certificates.domain.meter_lines import ESTIMATED, LineProblem, MeterLines
from certificates.domain.meter_values import EPOCH
from certificates.domain.rules.technologies import TOLERANCE_PERCENT

Column = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]
ACCEPTED, HELD, REJECTED, DUPLICATE = range(4)
HELD_PREFIX = "Held for review: "
START, ENERGY, OBSERVED = "start", "energy", "observed"


@dataclass(frozen=True, slots=True)
class Known:
    """The latest readings the registry has of the device near the file's intervals, by start.

    `estimated` marks those that are estimates (0 or 1); left out where none is.
    """

    minute: Column
    length: Column
    wh: Column
    remainder: Column
    estimated: Column | None = None


@dataclass(frozen=True, slots=True)
class Plant:
    """What the rules know of a device. Instants are minutes since 1970-01-01T00:00Z.

    `first_minute` is when it was commissioned, `last_minute` when its registration ends;
    `area_from` and `area_to` when its area was in force; `deadline_minutes` how long after
    an interval its reading may come. `owned_from` is since when its owner has it, where others
    had it before; `day_percent` how much of full power it may show over a day, and
    `tolerance_percent` how much more than it in an interval. None where nothing is stated.
    `estimates` says that its readings are estimates.
    """

    technology_code: str = ""
    latitude: float | None = None
    longitude: float | None = None
    first_minute: int | None = None
    last_minute: int | None = None
    area_from: int | None = None
    area_to: int | None = None
    deadline_minutes: int | None = None
    owned_from: int | None = None
    day_percent: int | None = None
    tolerance_percent: int = TOLERANCE_PERCENT
    estimates: bool = False


@dataclass(slots=True)
class Verdicts:
    """One verdict per line of `MeterLines`, and a problem for each that is held or refused.

    `corrects` marks lines that state another total than the registry's latest reading of
    the interval, which is `before` (Wh).
    """

    length: int
    status: npt.NDArray[np.int8]
    reasons: dict[int, str]
    noted: dict[int, LineProblem]
    corrects: Mask
    before: Column
    same: int = 0

    @property
    def problems(self) -> list[LineProblem]:
        """In the order of the file."""
        return sorted(self.noted.values(), key=lambda problem: problem.line)

    def positions(self, status: int) -> Positions:
        """Positions of the lines with this verdict."""
        return np.flatnonzero(self.status == status)


class Hit(NamedTuple):
    """Lines against what the registry knows: the same interval, and where it stands there."""

    same: Mask
    around: Mask
    place: Positions


@dataclass(slots=True)
class Case:
    """What a rule looks at and decides on; `length` and instants are in minutes."""

    lines: MeterLines
    verdicts: Verdicts
    minute: Column
    wh: Column
    remainder: Column
    capacity_w: int
    now_minute: int
    known: Known
    plant: Plant
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def length(self) -> int:
        return self.verdicts.length

    @property
    def full_wh(self) -> int:
        """What the plant makes at full power in one interval, rounded down."""
        return self.capacity_w * self.length // 60

    def is_open(self) -> Mask:
        """Lines that no rule has refused or counted as known."""
        status = self.verdicts.status
        return np.asarray((status == ACCEPTED) | (status == HELD))

    def estimates(self) -> Mask:
        """Lines that are estimates, by their own word or because all of the device's are."""
        worst = np.frombuffer(self.lines.quality, np.int8) == ESTIMATED
        return np.asarray(worst | self.plant.estimates)

    def in_order(self) -> Positions:
        """Positions of open lines by start; of a run of equal starts the first line first."""
        positions = np.flatnonzero(self.is_open())
        return positions[np.argsort(self.minute[positions], kind="stable")]

    def once(self, name: str, work: Callable[["Case"], Any]) -> Any:
        """What several rules need, worked out once."""
        if name not in self.notes:
            self.notes[name] = work(self)
        return self.notes[name]

    def hold(self, position: int | np.intp, name: str, reason: str) -> None:
        """Leave a line to the auditor, unless it is held or refused already."""
        if self.verdicts.status[position] == ACCEPTED:
            self.verdicts.status[position] = HELD
            self.verdicts.reasons[int(position)] = reason
            self._note(position, name, HELD_PREFIX + reason)

    def reject(self, position: int | np.intp, name: str, reason: str) -> None:
        """Refuse a line."""
        if self.verdicts.status[position] == REJECTED:
            return
        self.verdicts.reasons.pop(int(position), None)
        self.verdicts.status[position] = REJECTED
        self.verdicts.corrects[position] = False
        self._note(position, name, reason)

    def count_as_known(self, positions: Iterable[int | np.intp]) -> None:
        """A line that says nothing new."""
        for position in positions:
            self.verdicts.noted.pop(int(position), None)
            self.verdicts.reasons.pop(int(position), None)
            self.verdicts.status[position] = DUPLICATE

    def _note(self, position: int | np.intp, name: str, reason: str) -> None:
        columns = self.lines.columns
        at = EPOCH + timedelta(minutes=int(self.minute[position]))
        is_energy = name == ENERGY
        value = self.lines.raw[position] if is_energy else f"{at:%Y-%m-%dT%H:%MZ}"
        column = columns.energy_name if is_energy else columns.start_name
        line = self.lines.line[position]
        self.verdicts.noted[int(position)] = LineProblem(line, column, value, reason)


def known_hits(case: Case) -> Hit:
    """Which lines meet an interval that the registry has."""
    known, minute, length = case.known, case.minute, case.length
    place = np.minimum(np.searchsorted(known.minute, minute), len(known.minute) - 1)
    before = np.maximum(place - (known.minute[place] > minute), 0)
    same = (known.minute[place] == minute) & (known.length[place] == length)
    inside = (known.minute[place] >= minute) & (known.minute[place] < minute + length)
    reaches = (known.minute[before] <= minute) & (
        known.minute[before] + known.length[before] > minute
    )
    return Hit(same, ~same & (inside | reaches), place)
