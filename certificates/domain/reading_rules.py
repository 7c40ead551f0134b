"""Which lines of a meter file become readings, which wait for review, which are refused."""

from collections import Counter

import numpy as np

from certificates.domain.formats.intervals import distinct
from certificates.domain.meter_lines import MeterLines
from certificates.domain.rules import RULES
from certificates.domain.rules.case import (
    ACCEPTED,
    DUPLICATE,
    HELD,
    HELD_PREFIX,
    REJECTED,
    Case,
    Column,
    Known,
    Plant,
    Verdicts,
)
from certificates.errors import IntervalUnknown

LENGTHS = (15, 30, 60)
UNKNOWN_PLANT = Plant()

__all__ = [
    "ACCEPTED",
    "DUPLICATE",
    "HELD",
    "HELD_PREFIX",
    "LENGTHS",
    "REJECTED",
    "Column",
    "Judge",
    "Known",
    "Plant",
    "Verdicts",
    "infer_length",
]


def infer_length(minutes: Column, usual: int | None) -> int:
    """The length of the intervals in minutes: the commonest step between lines.

    `usual` is the device's length so far, for a file of one line.
    Raises: IntervalUnknown.
    """
    steps = np.diff(distinct(minutes))
    if not len(steps):
        if usual is None:
            raise IntervalUnknown(
                "One line does not show how long its interval is. Upload at least two, or choose "
                "the minutes (in a command or call: @length=60)."
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
        size = len(lines.minute)
        status, corrects = np.zeros(size, np.int8), np.zeros(size, np.bool_)
        self.verdicts = Verdicts(length, status, {}, {}, corrects, np.zeros(size, np.int64))

    def judge(
        self, *, capacity_w: int, now_minute: int, known: Known, plant: Plant = UNKNOWN_PLANT
    ) -> Verdicts:
        """All rules in turn."""
        case = Case(
            lines=self.lines,
            verdicts=self.verdicts,
            minute=np.array(self.lines.minute, dtype=np.int64),
            wh=np.array(self.lines.wh, dtype=np.int64),
            remainder=np.array(self.lines.remainder, dtype=np.int64),
            capacity_w=capacity_w,
            now_minute=now_minute,
            known=known,
            plant=plant,
        )
        for rule in RULES:
            rule(case)
        return self.verdicts
