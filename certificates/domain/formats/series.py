"""The neutral form between a file and readings: observations, column by column."""

from array import array
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from certificates.domain.meter_lines import MEASURED, LineProblem
from certificates.domain.meter_values import LARGEST_WH, UWH_IN_WH, Unreadable
from certificates.errors import UploadTooLarge

MOST_VALUES = 2_000_000  # two centuries of hours; every bad one is named, which takes memory
MOST_REGISTERS = 2_000


IMPORT = "import"  # a register's direction: what was taken from the grid


@dataclass(slots=True)
class Register:
    """One meter register in a file: a turbine, an NMI with its suffix, an OBIS channel.

    `selection` names it in a meter file's selection; `direction` is "export", "import",
    "other" (reactive energy, voltage) or "" where the file does not say.
    """

    name: str
    selection: dict[str, str]
    direction: str = ""
    lines: int = 0


@dataclass(slots=True)
class Series:
    """What a file says, before its zone, unit and direction are applied.

    One entry in each array per value: `key` the place of its register in `registers`, `at`
    minutes since 1970-01-01T00:00 (UTC where `is_utc`, else on the wall clock), `length`
    minutes or 0 where the file does not say, `amount` millionths of a W or Wh (by
    `is_power`), rounded down, of a register (`is_count`) what it counted since the file's
    first reading of it, which stands in `first`; `quality` as in MeterLines, `raw` the text,
    `line` where it stood. `marked` are positions of values marked as not observed.
    """

    start_name: str
    energy_name: str
    is_utc: bool = True
    is_power: bool = False
    is_count: bool = False
    first: dict[int, int] = field(default_factory=dict)
    registers: list[Register] = field(default_factory=list)
    places: dict[tuple[tuple[str, str], ...], int] = field(default_factory=dict)
    key: "array[int]" = field(default_factory=lambda: array("h"))
    line: "array[int]" = field(default_factory=lambda: array("q"))
    at: "array[int]" = field(default_factory=lambda: array("q"))
    length: "array[int]" = field(default_factory=lambda: array("h"))
    amount: "array[int]" = field(default_factory=lambda: array("q"))
    quality: "array[int]" = field(default_factory=lambda: array("b"))
    raw: list[str] = field(default_factory=list)
    marked: list[int] = field(default_factory=list)
    problems: list[tuple[int, LineProblem]] = field(default_factory=list)
    unobserved: dict[int, int] = field(default_factory=dict)
    rows: int = 0
    filtered: int = 0
    notes: list[tuple[str, str]] = field(default_factory=list)  # code and sentence

    def register(self, name: str, selection: dict[str, str], direction: str = "") -> int:
        """The place of a register, new or known. Raises: UploadTooLarge for too many."""
        identity = tuple(sorted(selection.items()))
        known = self.places.get(identity)
        if known is not None:
            return known
        if len(self.registers) >= MOST_REGISTERS:
            raise UploadTooLarge(
                f"The file has more than {MOST_REGISTERS:,} registers. Split it by plant."
            )
        self.registers.append(Register(name, selection, direction))
        self.places[identity] = len(self.registers) - 1
        return len(self.registers) - 1

    def add(
        self, key: int, line: int, at: int, amount: int, raw: str, *, about: tuple[int, int]
    ) -> None:
        """Take one value; `about` is its length in minutes and quality. Raises: Unreadable."""
        if self.is_count:
            amount = self._since_first(key, amount)
        self.count()
        self.registers[key].lines += 1
        self.key.append(key)
        self.line.append(line)
        self.at.append(at)
        self.length.append(about[0])
        self.amount.append(amount)
        self.quality.append(about[1])
        self.raw.append(raw)

    def extend(
        self,
        keys: Sequence[int],
        lines: Sequence[int],
        at: Sequence[int],
        amounts: Sequence[int],
        raw: Sequence[str],
    ) -> None:
        """Take values of the PLAIN kind, none of them a register's count."""
        self.count(len(keys))
        for key, count in Counter(keys).items():
            self.registers[key].lines += count
        self.key.extend(keys)
        self.line.extend(lines)
        self.at.extend(at)
        self.length.extend([PLAIN[0]] * len(keys))
        self.amount.extend(amounts)
        self.quality.extend([PLAIN[1]] * len(keys))
        self.raw.extend(raw)

    def _since_first(self, key: int, amount: int) -> int:
        """A register may show more than 64 bits of millionths; what it counts in a file fits."""
        if amount < 0:
            raise Unreadable("is below zero, which no register shows")
        amount -= self.first.setdefault(key, amount)
        if abs(amount) > LARGEST_WH * UWH_IN_WH:
            raise Unreadable("is too far from the register's first value; check the unit")
        return amount

    def drop(self, positions: Collection[int]) -> None:
        """Leave out values that are listed twice; they count as filtered."""
        gone = set(positions)
        kept = [place for place in range(len(self.raw)) if place not in gone]
        for name in ("key", "line", "at", "length", "amount", "quality"):
            column = getattr(self, name)
            setattr(self, name, array(column.typecode, [column[place] for place in kept]))
        self.filtered += len(gone)
        self.raw = [self.raw[place] for place in kept]

    def skip(self, key: int) -> None:
        """Count a value that the meter says it did not see."""
        self.count()
        self.unobserved[key] = self.unobserved.get(key, 0) + 1

    def refuse(self, key: int, line: int, name: str, value: str, reason: str) -> None:
        """Note a bad value; a `key` below zero concerns every register."""
        self.count()
        self.problems.append((key, LineProblem(line, name, value[:200], reason)))

    def count(self, more: int = 1) -> None:
        """One more value, or several. Raises: UploadTooLarge."""
        self.rows += more
        if self.rows > MOST_VALUES:
            raise UploadTooLarge(f"The file has more than {MOST_VALUES:,} lines. Split it by year.")


PLAIN = (0, MEASURED)  # length unsaid, nothing said against the value
