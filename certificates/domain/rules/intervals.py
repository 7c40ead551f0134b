"""Rules about the interval of a line: over, alone, on the grid, new or a correction."""

import numpy as np

from certificates.domain.rules.case import DUPLICATE, ENERGY, START, Case, Hit, known_hits
from certificates.domain.rules.rule import COUNTED, HELD, REFUSED, rule

Pairs = list[tuple[int, int]]


@rule("R01", REFUSED)
def interval_is_over(case: Case, message: str) -> None:
    """is not over yet; upload it when it is"""
    for position in np.flatnonzero(case.minute + case.length > case.now_minute):
        case.reject(position, START, message)


@rule("R02", COUNTED)
def same_line_twice(case: Case, message: str) -> None:
    """says the same as an earlier line of the file; it counts once"""
    for first, later in case.once("pairs", _pairs):
        if _value(case, first) == _value(case, later):
            case.verdicts.status[later] = DUPLICATE


@rule("R03", REFUSED)
def second_value_of_an_interval(case: Case, message: str) -> None:
    """gives another value than line {line} for the same interval; keep one"""
    for first, later in case.once("pairs", _pairs):
        if _value(case, first) != _value(case, later):
            case.reject(later, ENERGY, message.format(line=case.lines.line[first]))


@rule("R04", HELD)
def first_of_two_values(case: Case, message: str) -> None:
    """line {line} gives another value"""
    for first, later in case.once("pairs", _pairs):
        if _value(case, first) != _value(case, later):
            case.hold(first, ENERGY, message.format(line=case.lines.line[later]))


@rule("R05", REFUSED)
def overlap_within_the_file(case: Case, message: str) -> None:
    """overlaps the interval of line {line}; keep one"""
    for position, other in case.once("off_grid", _off_grid):
        if other is not None:
            case.reject(position, START, message.format(line=case.lines.line[other]))


@rule("R06", HELD)
def interval_on_the_grid(case: Case, message: str) -> None:
    """is not on a whole {length} minutes in UTC"""
    for position, other in case.once("off_grid", _off_grid):
        if other is None:
            case.hold(position, START, message.format(length=case.length))


@rule("R07", COUNTED)
def known_already(case: Case, message: str) -> None:
    """is what the registry has already; nothing changes"""
    if not len(case.known.minute):
        return
    hit = case.once("hits", known_hits)
    same = hit.same & ~_differs(case, hit) & case.is_open()
    case.verdicts.same = int(np.count_nonzero(same))
    case.count_as_known(np.flatnonzero(same & (case.verdicts.status != 0)))
    case.verdicts.status[same] = DUPLICATE


@rule("R08", COUNTED)
def correction(case: Case, message: str) -> None:
    """states another total than the registry has for this interval: it becomes a correction,
    the earlier reading stays visible
    """
    if not len(case.known.minute):
        return
    hit = case.once("hits", known_hits)
    case.verdicts.corrects[:] = hit.same & _differs(case, hit) & case.is_open()
    case.verdicts.before[hit.same] = case.known.wh[hit.place[hit.same]]


@rule("R09", REFUSED)
def estimate_corrects_nothing(case: Case, message: str) -> None:
    """is an estimate; the registry has a measured value of this interval, which stays"""
    estimates = case.estimates()
    if not estimates.any() or not len(case.known.minute):
        return
    hit = case.once("hits", known_hits)
    refused = case.verdicts.corrects & estimates & ~_was_estimated(case, hit)
    for position in np.flatnonzero(refused):
        case.reject(position, ENERGY, message)


@rule("R10", REFUSED)
def overlap_with_the_registry(case: Case, message: str) -> None:
    """overlaps an interval the registry already has"""
    if not len(case.known.minute):
        return
    hit = case.once("hits", known_hits)
    for position in np.flatnonzero(hit.around & case.is_open()):
        case.reject(position, START, message)


def _value(case: Case, position: int) -> tuple[int, int]:
    return int(case.wh[position]), int(case.remainder[position])


def _pairs(case: Case) -> Pairs:
    """Open lines of an interval that an earlier line has: (the first line of it, this one)."""
    order = case.in_order()
    at = case.minute[order]
    again = np.flatnonzero(at[1:] == at[:-1])
    # Sorting is stable: the first of a run of equal starts stands first in the file.
    first = order[np.searchsorted(at, at[again])]
    return list(zip(first.tolist(), order[again + 1].tolist(), strict=True))


def _off_grid(case: Case) -> list[tuple[int, int | None]]:
    """Open lines off the grid of their length, with the position of a line they overlap.

    Intervals on the grid cannot overlap each other, and come first.
    """
    length = case.length
    order = case.in_order()
    off = case.minute[order] % length != 0
    if not off.any():
        return []
    grid = order[~off]
    on_grid = dict(zip(case.minute[grid].tolist(), grid.tolist(), strict=True))
    found: list[tuple[int, int | None]] = []
    last: int | None = None
    for position in order[off].tolist():
        start = int(case.minute[position])
        floor = start - start % length
        other = on_grid.get(floor, on_grid.get(floor + length))
        if other is None and last is not None and start < case.minute[last] + length:
            other = last
        if other is None:
            last = position
        found.append((position, other))
    return found


def _differs(case: Case, hit: Hit) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Another total, or the same one measured where the registry has an estimate."""
    known = case.known
    differs = (known.wh[hit.place] != case.wh) | (known.remainder[hit.place] != case.remainder)
    return np.asarray(differs | (~case.estimates() & _was_estimated(case, hit)))


def _was_estimated(case: Case, hit: Hit) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    if case.known.estimated is None:
        return np.zeros(len(case.minute), np.bool_)
    return np.asarray(case.known.estimated[hit.place] == 1)
