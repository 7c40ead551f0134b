"""The lines of one device in a meter file, column by column, and what is wrong with others."""

from array import array
from dataclasses import dataclass, field

MEASURED, CALCULATED, ESTIMATED = range(3)  # from the best to the worst
QUALITIES = ("measured", "calculated", "estimated")


def qualities_under(device_quality: str) -> list[str]:
    """What a line of each quality comes to: no reading is better than its device."""
    least = QUALITIES.index(device_quality)
    return [QUALITIES[max(least, own)] for own in range(len(QUALITIES))]


@dataclass(frozen=True, slots=True)
class LineProblem:
    """What is wrong with one line, and what to do."""

    line: int
    field: str
    value: str
    reason: str

    def as_dict(self) -> dict[str, int | str]:
        return {
            "line": self.line,
            "field": self.field,
            "value": self.value,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Names:
    """What a file calls the start of an interval and its energy, for messages about lines."""

    start_name: str
    energy_name: str


@dataclass(slots=True)
class MeterLines:
    """One device's intervals as a file gives them, column by column.

    `minute`: interval start, minutes since 1970-01-01T00:00Z; `wh` rounded down,
    `remainder` millionths of a Wh; `raw` the text as it stood; `quality` MEASURED,
    CALCULATED or ESTIMATED. `doubtful` are positions of lines that have a value although
    they are marked as not observed. `length` in minutes, None where the file cannot tell.
    `is_import`: the file says that the register counts what was taken from the grid.

    Every line of the file is counted once: rows = len(raw) + len(problems) + filtered
    + unobserved. Lines summed into a longer interval (`merged`) count as the one they
    became; `filled` intervals, absent in the file and agreed to mean zero, count too.
    """

    columns: Names
    line: "array[int]" = field(default_factory=lambda: array("q"))
    minute: "array[int]" = field(default_factory=lambda: array("q"))
    wh: "array[int]" = field(default_factory=lambda: array("q"))
    remainder: "array[int]" = field(default_factory=lambda: array("q"))
    quality: "array[int]" = field(default_factory=lambda: array("b"))
    raw: list[str] = field(default_factory=list)
    doubtful: list[int] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)
    length: int | None = None
    is_import: bool = False
    rows: int = 0
    filtered: int = 0
    unobserved: int = 0
    merged: int = 0
    filled: int = 0
