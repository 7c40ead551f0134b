"""Which lines of a meter file become readings, which wait for review, which are refused."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from certificates.domain.meter_csv import LineProblem, MeterLines
from certificates.domain.meter_values import EPOCH
from certificates.errors import IntervalUnknown

Column = npt.NDArray[np.int64]
LENGTHS = (15, 30, 60)
# Registered capacity is no hard ceiling: official data exceed it by fractions of a percent.
TOLERANCE_PERCENT = 5
ACCEPTED, HELD, REJECTED, DUPLICATE = range(4)
HELD_PREFIX = "Held for review: "


@dataclass(frozen=True, slots=True)
class Known:
    """Readings the registry has of the device near the file's intervals, by start."""

    minute: Column
    length: Column
    wh: Column
    remainder: Column


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
    corrects: npt.NDArray[np.bool_]
    before: Column
    same: int = 0

    @property
    def problems(self) -> list[LineProblem]:
        """In the order of the file."""
        return sorted(self.noted.values(), key=lambda problem: problem.line)

    def positions(self, status: int) -> npt.NDArray[np.intp]:
        """Positions of the lines with this verdict."""
        return np.flatnonzero(self.status == status)


def infer_length(minutes: Column, usual: int | None) -> int:
    """The length of the intervals in minutes: the commonest step between lines.

    `usual` is the device's length so far, for a file of one line.
    Raises: IntervalUnknown.
    """
    steps = np.diff(np.unique(minutes))
    if not len(steps):
        if usual is None:
            raise IntervalUnknown(
                "One line does not show how long its interval is. Upload at least two."
            )
        return usual
    length = Counter(steps.tolist()).most_common(1)[0][0]
    if length not in LENGTHS:
        raise IntervalUnknown(
            f"The lines are {length} minutes apart. Intervals of 15, 30 or 60 minutes are read."
        )
    return int(length)


class Judge:
    """Applies the rules to one file's lines; the first rule that objects decides."""

    def __init__(self, lines: MeterLines, length: int) -> None:
        self.lines = lines
        self.minute: Column = np.array(lines.minute, dtype=np.int64)
        self.wh: Column = np.array(lines.wh, dtype=np.int64)
        self.remainder: Column = np.array(lines.remainder, dtype=np.int64)
        size = len(self.minute)
        status, corrects = np.zeros(size, np.int8), np.zeros(size, np.bool_)
        self.verdicts = Verdicts(length, status, {}, {}, corrects, np.zeros(size, np.int64))

    def judge(self, *, capacity_w: int, now_minute: int, known: Known) -> Verdicts:
        """All rules in turn."""
        self._not_over_yet(now_minute)
        self._twice_in_the_file()
        self._overlapping()
        self._known_already(known)
        self._above_capacity(capacity_w)
        for position in self.lines.doubtful:
            self._hold(position, "observed", "is marked as not observed but has a value")
        return self.verdicts

    def _not_over_yet(self, now_minute: int) -> None:
        late = self.minute + self.verdicts.length > now_minute
        for position in np.flatnonzero(late):
            self._reject(position, "start", "is not over yet; upload it when it is")

    def _twice_in_the_file(self) -> None:
        order = self._open_in_order()
        at = self.minute[order]
        for n in np.flatnonzero(at[1:] == at[:-1]):
            # Sorting is stable: the first of a run of equal starts stands first in the file.
            first, later = order[np.searchsorted(at, at[n])], order[n + 1]
            line = self.lines.line[first]
            if (self.wh[first], self.remainder[first]) == (self.wh[later], self.remainder[later]):
                self.verdicts.status[later] = DUPLICATE
                continue
            reason = f"gives another value than line {line} for the same interval; keep one"
            self._reject(later, "energy", reason)
            self._hold(first, "energy", f"line {self.lines.line[later]} gives another value")

    def _overlapping(self) -> None:
        # Intervals on the grid of their length cannot overlap each other, and come first.
        length = self.verdicts.length
        order = self._open_in_order()
        off = self.minute[order] % length != 0
        if not off.any():
            return
        grid = order[~off]
        on_grid = dict(zip(self.minute[grid].tolist(), grid.tolist(), strict=True))
        last: int | None = None
        for position in order[off].tolist():
            start = int(self.minute[position])
            floor = start - start % length
            other = on_grid.get(floor, on_grid.get(floor + length))
            if other is None and last is not None and start < self.minute[last] + length:
                other = last
            if other is None:
                last = position
                self._hold(position, "start", f"is not on a whole {length} minutes in UTC")
            else:
                line = self.lines.line[other]
                self._reject(position, "start", f"overlaps the interval of line {line}; keep one")

    def _known_already(self, known: Known) -> None:
        if not len(known.minute):
            return
        length = self.verdicts.length
        place = np.minimum(np.searchsorted(known.minute, self.minute), len(known.minute) - 1)
        before = np.maximum(place - (known.minute[place] > self.minute), 0)
        hit = (known.minute[place] == self.minute) & (known.length[place] == length)
        equal = hit & (known.wh[place] == self.wh) & (known.remainder[place] == self.remainder)
        around = ~hit & (
            ((known.minute[place] >= self.minute) & (known.minute[place] < self.minute + length))
            | (
                (known.minute[before] <= self.minute)
                & (known.minute[before] + known.length[before] > self.minute)
            )
        )
        open_ = self._is_open()
        self.verdicts.same = int(np.count_nonzero(equal & open_))
        for position in np.flatnonzero(equal & open_ & (self.verdicts.status == HELD)):
            self.verdicts.noted.pop(int(position), None)
        self.verdicts.status[equal & open_] = DUPLICATE
        self.verdicts.corrects = hit & ~equal & open_
        self.verdicts.before[hit] = known.wh[place[hit]]
        for position in np.flatnonzero(around & open_):
            self._reject(position, "start", "overlaps an interval the registry already has")

    def _above_capacity(self, capacity_w: int) -> None:
        allowed = capacity_w * self.verdicts.length * (100 + TOLERANCE_PERCENT) // 6000
        for position in np.flatnonzero((self.wh > allowed) & self._is_open()):
            wh = self.wh[position]
            reason = f"{wh} Wh is more than the capacity allows ({allowed} Wh with tolerance)"
            self._hold(position, "energy", reason)

    def _is_open(self) -> npt.NDArray[np.bool_]:
        return np.asarray((self.verdicts.status == ACCEPTED) | (self.verdicts.status == HELD))

    def _open_in_order(self) -> npt.NDArray[np.intp]:
        positions = np.flatnonzero(self._is_open())
        return positions[np.argsort(self.minute[positions], kind="stable")]

    def _hold(self, position: int | np.intp, name: str, reason: str) -> None:
        if self.verdicts.status[position] == ACCEPTED:
            self.verdicts.status[position] = HELD
            self.verdicts.reasons[int(position)] = reason
            self._note(position, name, HELD_PREFIX + reason)

    def _reject(self, position: int | np.intp, name: str, reason: str) -> None:
        if self.verdicts.status[position] == REJECTED:
            return
        self.verdicts.reasons.pop(int(position), None)
        self.verdicts.status[position] = REJECTED
        self._note(position, name, reason)

    def _note(self, position: int | np.intp, name: str, reason: str) -> None:
        columns = self.lines.columns
        at = EPOCH + timedelta(minutes=int(self.minute[position]))
        is_energy = name == "energy"
        value = self.lines.raw[position] if is_energy else f"{at:%Y-%m-%dT%H:%MZ}"
        field = columns.energy_name if is_energy else columns.start_name
        line = self.lines.line[position]
        self.verdicts.noted[int(position)] = LineProblem(line, field, value, reason)
