"""What contradicts itself in a file: each with a stable code and a sentence for people."""

import math
from collections import Counter
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from certificates.domain.formats.build import Built
from certificates.domain.formats.choices import UNITS, Choices
from certificates.domain.formats.infer import Hints
from certificates.domain.formats.intervals import distinct
from certificates.domain.formats.series import IMPORT, Register
from certificates.domain.formats.times import DAY
from certificates.domain.formats.zones import SKIPPED_HOUR, to_utc, zone_of

Column = npt.NDArray[np.int64]
Finding = dict[str, str]
DAYS_SHOWN = 4
NIGHT_HOURS = 3  # of the weighted middle of a solar day from the sun's highest
MOSTLY = 50  # percent of the values
SUNDAY = 3  # of days since 1970-01-01, a Thursday
SKIPPED_HOURS = {0, 1, 2, 3}  # in which clocks go forward, wherever they do
SPARSE = 70  # percent of intervals present, below which absence looks like a habit


def findings(built: Built, choices: Choices, register: Register, hints: Hints) -> list[Finding]:
    """Everything that a person should look at before saying yes."""
    found = [_finding(code, sentence) for code, sentence in built.notes]
    minute = np.array(built.lines.minute, np.int64)
    wh = np.array(built.lines.wh, np.int64)
    found += _register(register, choices)
    found += _clock(built, choices)
    found += _repeated_with_offsets(built, minute)
    found += _sun(minute, wh, hints)
    found += _sign(wh)
    found += _scale(built, wh, choices, hints)
    found += _sparse(built, minute, choices)
    return found


def _finding(code: str, sentence: str) -> Finding:
    return {"code": code, "sentence": sentence}


def _register(register: Register, choices: Choices) -> list[Finding]:
    if register.direction != IMPORT:
        return []
    sentence = (
        f"{register.name} counts energy that was taken from the grid, not what was fed in. "
        "Choose the register for feed-in if the file has one; an auditor looks at these values "
        "first."
    )
    return [_finding("import_register", sentence)]


def _clock(built: Built, choices: Choices) -> list[Finding]:
    """Days of 92 or 100 quarter-hours, and what the chosen zone makes of them."""
    local, length = built.local, built.lines.length
    if local is None or not length or not len(local):
        return []
    step = max(built.lengths, key=lambda one: built.lengths[one])
    if not step:
        return []
    days, counts = np.unique(local // DAY, return_counts=True)
    full = DAY // step
    hour = 60 // step
    long_days = days[counts == full + hour]
    twice = np.unique(local, return_counts=True)
    repeated = {int(at) // DAY for at in twice[0][twice[1] > 1].tolist()}
    found = []
    changes = [day for day in long_days.tolist() if day in repeated]
    if changes:
        is_fixed = choices["zone"] == "UTC" or choices["zone"][:1] in "+-"
        names = _days(changes)
        if is_fixed:
            sentence = (
                f"An hour repeats on {names}, as on clocks that change in autumn, but "
                f"{choices['zone']} never changes. The times are probably local: choose the "
                "plant's zone."
            )
            found.append(_finding("clock_change_in_fixed_zone", sentence))
        else:
            sentence = (
                f"{full + hour} lines stand on {names}: the hour repeated in autumn, both kept."
            )
            found.append(_finding("long_day", sentence))
    found += _short_days(local, days[counts == full - hour], choices["zone"])
    reasons = Counter(problem.reason[:9] for problem in built.lines.problems)
    if single := reasons["was twice"]:
        sentence = (
            f"{_lines(single)} in an hour that the clock showed twice in autumn, but only "
            f"once: the file keeps {full} lines that day. Give them with their offset."
        )
        found.append(_finding("repeated_hour_once", sentence))
    if skipped := reasons["never was"]:
        sentence = (
            f"{_lines(skipped)} in an hour that never was in {choices['zone']}: clocks skip "
            "it in spring. The times are probably in another zone."
        )
        found.append(_finding("skipped_hour", sentence))
    return found


def _short_days(local: Column, days: Column, zone: str) -> list[Finding]:
    """Sundays without one of the hours that clocks skip in spring."""
    hours = {day: _lost_hour(local[local // DAY == day]) for day in days.tolist()}
    lost = {day: hour for day, hour in hours.items() if day % 7 == SUNDAY and hour is not None}
    if not lost:
        return []
    if zone == "UTC" or zone[:1] in "+-":
        sentence = (
            f"An hour is missing on {_days(list(lost))}, as on clocks that change in spring, but "
            f"{zone} never changes. The times are probably local: choose the plant's zone."
        )
        return [_finding("skipped_hour_in_fixed_zone", sentence)]
    known = zone_of(zone)
    starts = np.array([day * DAY + hour * 60 for day, hour in lost.items()], np.int64)
    if known is None or not (to_utc(starts, known)[1] == SKIPPED_HOUR).all():
        return []
    sentence = f"An hour less stands on {_days(list(lost))}: the one that clocks skip in spring."
    return [_finding("short_day", sentence)]


def _lost_hour(minutes: Column) -> int | None:
    """The hour in which clocks may go forward, if it is the only one without a value."""
    missing = set(range(24)) - set((minutes % DAY // 60).tolist())
    return missing.pop() if len(missing) == 1 and missing <= SKIPPED_HOURS else None


def _repeated_with_offsets(built: Built, minute: Column) -> list[Finding]:
    """The repeated hour of autumn written twice with one offset: doubled, and one missing."""
    length = built.lines.length
    if built.local is not None or not length or len(minute) < 24:
        return []
    at, counts = np.unique(minute, return_counts=True)
    doubled = at[counts == 2]
    there = {beside: np.isin(doubled + beside, at) for beside in (-120, -60, 60, 120)}
    is_wrong = (~there[60] & there[120]) | (~there[-60] & there[-120])
    wrong = doubled[is_wrong].tolist()
    if not wrong:
        return []
    names = _days(sorted({start // DAY for start in wrong}))
    are = "interval is" if len(wrong) == 1 else "intervals are"
    sentence = (
        f"On {names} {len(wrong):,} {are} written twice with one offset while the hour "
        "beside them is missing: the repeated hour in autumn was given the wrong offset. Write the "
        "first of each with the offset of summer, the second with that of winter."
    )
    return [_finding("repeated_hour_wrong_offset", sentence)]


def _sun(minute: Column, wh: Column, hints: Hints) -> list[Finding]:
    positive = wh > 0
    if not hints.is_solar or hints.longitude is None or not positive.any():
        return []
    turn = 2 * math.pi * (minute[positive] % DAY) / DAY
    weight = wh[positive] / int(wh[positive].max())
    middle = math.atan2(float((weight * np.sin(turn)).sum()), float((weight * np.cos(turn)).sum()))
    hour = middle / (2 * math.pi) * 24 % 24
    noon = (12 - hints.longitude / 15) % 24
    apart = abs((hour - noon + 12) % 24 - 12)
    if apart <= NIGHT_HOURS:
        return []
    sentence = (
        f"The middle of the plant's day is at {_clock_text(hour)} UTC, {round(apart)} hours from "
        f"the sun's highest ({_clock_text(noon)} UTC). The zone of the times is probably wrong."
    )
    return [_finding("night_production", sentence)]


def _sign(wh: Column) -> list[Finding]:
    moving = wh != 0
    negative = int(np.count_nonzero(wh < 0))
    if not negative or negative * 100 <= MOSTLY * int(np.count_nonzero(moving)):
        return []
    sentence = (
        f"{negative:,} of {int(np.count_nonzero(moving)):,} values are below zero. If the file "
        "writes generation with a minus, reverse the sign."
    )
    return [_finding("mostly_negative", sentence)]


def _scale(built: Built, wh: Column, choices: Choices, hints: Hints) -> list[Finding]:
    length = built.lines.length
    most = int(wh.max(initial=0))
    if not length or not hints.capacity_w or most <= 0:
        return []
    full = hints.capacity_w * length // 60
    unit = UNITS.get(choices["unit"], "")
    if most > 2 * full:
        sentence = (
            f"The highest interval is {most:,} Wh, {most // max(full, 1):,} times what the plant "
            f"can make. Is the unit {unit} right?"
        )
        return [_finding("above_capacity", sentence)]
    if most * 100 < full and len(wh) >= 48:
        sentence = (
            f"No interval reaches a hundredth of what the plant can make. Is the unit {unit} right?"
        )
        return [_finding("far_below_capacity", sentence)]
    return []


def _sparse(built: Built, minute: Column, choices: Choices) -> list[Finding]:
    length = built.lines.length
    if not length or len(minute) < 48 or choices["absent"] == "zero":
        return []
    span = int(minute.max() - minute.min()) // length + 1
    present = len(distinct(minute))
    if present * 100 >= SPARSE * span:
        return []
    sentence = (
        f"Only {present:,} of {span:,} intervals are in the file. If it lists only those with "
        "output, say that an absent interval means zero."
    )
    return [_finding("many_absent", sentence)]


def _lines(count: int) -> str:
    return "1 line stands" if count == 1 else f"{count:,} lines stand"


def _days(days: list[int]) -> str:
    shown = [
        datetime.fromtimestamp(day * 86_400, UTC).strftime("%Y-%m-%d") for day in days[:DAYS_SHOWN]
    ]
    more = f" and {len(days) - DAYS_SHOWN} more days" if len(days) > DAYS_SHOWN else ""
    return ", ".join(shown) + more


def _clock_text(hour: float) -> str:
    minutes = round(hour * 60) % DAY
    return f"{minutes // 60:02}:{minutes % 60:02}"
