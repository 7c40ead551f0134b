"""Arithmetic on intervals: their step, sums of short ones, differences of a register."""

from collections import Counter
from dataclasses import dataclass, field, fields, replace

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.int64]
LENGTHS = (15, 30, 60)
MOST_FILLED = 1_000_000  # absent intervals taken for zero
AS_READ, SUMMED, FILLED = range(3)


@dataclass(slots=True)
class Values:
    """Intervals, column by column: `place` in the series, `at` minutes since 1970, `length`
    in minutes, `amount` millionths of a Wh or W, `quality`, and `extra`: AS_READ, SUMMED
    of several or FILLED in for an absent one.
    """

    place: npt.NDArray[np.intp]
    at: Column
    length: Column
    amount: Column
    quality: Column
    extra: Column = field(default_factory=lambda: np.empty(0, np.int64))

    def __post_init__(self) -> None:
        if len(self.extra) != len(self.at):
            self.extra = np.zeros(len(self.at), np.int64)

    def where(self, kept: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> "Values":
        """Those that a mask or positions keep."""
        return Values(*(getattr(self, one.name)[kept] for one in fields(self)))


def distinct(at: Column) -> Column:
    """Each value once, in order; by sorting, which takes less room and time than a table."""
    ordered = np.sort(at)
    is_new = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    return ordered if is_new.all() else ordered[is_new]


def step_of(at: Column, usual: int | None) -> int:
    """Minutes between one line and the next; 0 where nothing tells.

    The usual length of the device holds where all steps are multiples of it: a file of
    corrected lines has holes. Otherwise the commonest step that can be an interval.
    """
    steps = np.diff(distinct(at))
    if not len(steps):
        return usual or 0
    if usual and not np.remainder(steps, usual).any():
        return usual
    counted = Counter(steps.tolist())
    short = [(count, -step) for step, count in counted.items() if step <= max(LENGTHS)]
    if short:
        return int(-max(short)[1])
    return int(counted.most_common(1)[0][0])


def mark_switches(values: Values, step: int) -> None:
    """Where a file changes from one step to another for good, give each part its own length.

    Only steps of 5 to 60 minutes that hold for a stretch of a day count as a change; a
    stretch with holes keeps the file's commonest step.
    """
    order = np.argsort(values.at, kind="stable")
    at = values.at[order]
    steps = np.diff(at)
    for other in np.unique(steps).tolist():
        if other == step or other > max(LENGTHS) or other < 1 or 60 % other:
            continue
        for start, end in _stretches(steps == other):
            if (end - start) * other >= 720:
                values.length[order[start : end + (end == len(steps))]] = other


def _stretches(mask: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.diff(np.concatenate(([0], mask.astype(np.int8), [0])))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def target_of(lengths: set[int]) -> int | None:
    """The length that all intervals can be summed into: the longest, at least 15 minutes."""
    longest = max(lengths, default=max(LENGTHS) + 1)
    for target in LENGTHS:
        if (
            longest
            and target >= longest
            and all(length and target % length == 0 for length in lengths)
        ):
            return target
    return None


def aggregate(values: Values, target: int) -> tuple[Values, npt.NDArray[np.bool_], int]:
    """Sums of whole `target` minutes in UTC.

    Returns the sums (place and line of their first part, the worst quality of their parts),
    which of the given values belong to an incomplete one, and how many values vanished in
    sums. Parts that repeat or overlap leave their interval incomplete. A value of the full
    length is kept as it is, wherever it starts.
    """
    whole = values.length == target
    bucket = values.at // target
    order = np.lexsort((values.at, bucket))
    order = order[~whole[order]]
    partial = np.zeros(len(values.at), np.bool_)
    if not len(order):
        return values, partial, 0
    ids, starts, counts = np.unique(bucket[order], return_index=True, return_counts=True)
    covered = np.add.reduceat(values.length[order], starts)
    apart = np.ones(len(order), np.bool_)
    apart[1:] = values.at[order][1:] >= values.at[order][:-1] + values.length[order][:-1]
    apart[starts] = values.at[order][starts] % target == 0
    is_complete = (covered == target) & (np.add.reduceat(apart.astype(np.int64), starts) == counts)
    partial[order] = ~np.repeat(is_complete, counts)
    first = order[starts][is_complete]
    summed = Values(
        place=values.place[first],
        at=ids[is_complete] * target,
        length=np.full(len(first), target, np.int64),
        amount=np.add.reduceat(values.amount[order], starts)[is_complete],
        quality=np.maximum.reduceat(values.quality[order], starts)[is_complete],
        extra=np.full(len(first), SUMMED, np.int64),
    )
    vanished = int(counts[is_complete].sum()) - len(first)
    return _join(values.where(whole), summed), partial, vanished


def differences(
    values: Values,
) -> tuple[Values, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """What a register counted between its readings, each at the start of its interval.

    The line is the later reading's. Also returns where the register fell, and where readings
    between are missing.
    """
    order = np.argsort(values.at, kind="stable")
    ordered = values.where(order)
    later = ordered.where(np.arange(1, len(order))) if len(order) > 1 else ordered.where(order[:0])
    earlier_at, earlier = ordered.at[: len(later.at)], ordered.amount[: len(later.at)]
    gap = later.at - earlier_at
    amount = later.amount - earlier
    result = replace(later, at=earlier_at, amount=amount)
    return result, amount < 0, gap != later.length


def fill(values: Values) -> tuple[Values, int]:
    """Zero for every interval that is absent between the first and the last."""
    if len(values.at) < 2 or len(np.unique(values.length)) != 1:
        return values, 0
    order = np.argsort(values.at, kind="stable")
    values = values.where(order)
    length = int(values.length[0])
    span = int(values.at[-1] - values.at[0]) // length
    if span > MOST_FILLED:
        return values, 0
    every = values.at[0] + length * np.arange(span + 1)
    absent = every[~np.isin(every, values.at)]
    # An absent interval that a present one reaches into is not absent.
    before = np.searchsorted(values.at, absent) - 1
    after = np.minimum(before + 1, len(values.at) - 1)
    free = (values.at[before] + length <= absent) & (values.at[after] >= absent + length)
    absent, before = absent[free], before[free]
    filled = Values(
        place=values.place[before],
        at=absent,
        length=np.full(len(absent), length, np.int64),
        amount=np.zeros(len(absent), np.int64),
        quality=values.quality[before],
        extra=np.full(len(absent), FILLED, np.int64),
    )
    return _join(values, filled), len(absent)


def sum_texts(values: Values) -> dict[int, str]:
    """Texts for sums, which stand nowhere in the file as such: exact, in Wh."""
    places = np.flatnonzero(values.extra == SUMMED)
    texts = {}
    for place, amount in zip(places.tolist(), values.amount[places].tolist(), strict=True):
        sign, size = ("-", -amount) if amount < 0 else ("", amount)
        whole, parts = divmod(size, 10**6)
        texts[place] = f"{sign}{whole}.{parts:06}".rstrip("0").rstrip(".") + " Wh"
    return texts


def _join(one: Values, other: Values) -> Values:
    joined = Values(
        *(
            np.concatenate((getattr(one, item.name), getattr(other, item.name)))
            for item in fields(Values)
        )
    )
    return joined.where(np.argsort(joined.place, kind="stable"))
