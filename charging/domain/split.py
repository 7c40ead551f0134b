"""A charge spread over matching intervals, in whole Wh that add up exactly.

The best evidence of its course wins: values that the meter signed on the way, what the
operator states for each charging period, a curve of power, and at last an even spread between
start and end. All instants are seconds since 1970, so that no clock change can disturb them.
Between two points of any evidence energy is spread evenly (power: along a straight line).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from charging.domain.evidence import PERIODS, POWER, SIGNED, UNIFORM

HOUR = 3600
WIDEST_GAP = 900  # seconds between two points that lie across an interval's border
EDGE = 60  # seconds by which readings may miss the start or end
WH_PER_KWH = 1000
DIGITS = 15  # of a number before its point
ENERGY = ("ENERGY", "ENERGY_IMPORT")  # of OCPI's dimensions, what a period took
EXPORT = "ENERGY_EXPORT"

Parts = list[tuple[int, int]]  # (interval start, Wh), in order, none of nothing
Number = Decimal | Fraction | int
Reading = tuple[int, Number]  # instant, Wh on the meter's register
Sample = tuple[int, Number]  # instant, W
Period = tuple[int, Sequence[tuple[str, Number]]]  # start, (dimension, volume in kWh)
Piece = tuple[int, int, Fraction]  # from, until, Wh


class NotUsable(ValueError):
    """Evidence that cannot say how a charge ran; the message says why."""


@dataclass(frozen=True, slots=True)
class Charged:
    """What is to be spread: half-open [started, ended), whole Wh, over intervals of a length."""

    started: int
    ended: int
    energy_wh: int
    interval_seconds: int = HOUR

    def __post_init__(self) -> None:
        if self.ended <= self.started or self.energy_wh <= 0:
            raise ValueError("a charge takes energy and ends after its start")


@dataclass(frozen=True, slots=True)
class Course:
    """All that is known of how a charge ran; signed readings, charging periods, power."""

    readings: Sequence[Reading] = ()
    periods: Sequence[Period] = ()
    power: Sequence[Sample] = ()


@dataclass(frozen=True, slots=True)
class Split:
    """Wh by interval, the method that put them there, and why better ones could not."""

    method: str
    parts: Parts
    refused: tuple[tuple[str, str], ...] = ()


def split(charged: Charged, course: Course) -> Split:
    """Spread a charge by the best evidence there is."""
    refused: list[tuple[str, str]] = []
    attempts: tuple[tuple[str, Sequence[object], Callable[[], Parts]], ...] = (
        (SIGNED, course.readings, lambda: split_by_readings(charged, course.readings)),
        (PERIODS, course.periods, lambda: split_by_periods(charged, course.periods)),
        (POWER, course.power, lambda: split_by_power(charged, course.power)),
    )
    for method, points, attempt in attempts:
        if points:
            try:
                return Split(method, attempt(), tuple(refused))
            except NotUsable as problem:
                refused.append((method, str(problem)))
    parts = split_evenly(
        charged.started, charged.ended, charged.energy_wh, charged.interval_seconds
    )
    return Split(UNIFORM, parts, tuple(refused))


def split_evenly(
    started: int, ended: int, energy_wh: int, interval_seconds: int = HOUR
) -> list[tuple[int, int]]:
    """The Wh of a charge in each UTC interval it touches, by its share of the time.

    Returns (interval start, Wh) in order, intervals that get nothing left out. Largest
    remainder, ties to the earlier interval.
    Raises: ValueError when the charge does not end after its start or takes nothing.
    """
    duration = ended - started
    if duration <= 0 or energy_wh <= 0:
        raise ValueError("a charge takes energy and ends after its start")
    first = started - started % interval_seconds
    if ended <= first + interval_seconds:
        return [(first, energy_wh)]
    starts = range(first, ended, interval_seconds)
    amounts, remainders = [], []
    for start in starts:
        seconds = min(ended, start + interval_seconds) - max(started, start)
        amount, remainder = divmod(energy_wh * seconds, duration)
        amounts.append(amount)
        remainders.append(remainder)
    left = energy_wh - sum(amounts)
    if left:
        for n in sorted(range(len(amounts)), key=lambda n: (-remainders[n], n))[:left]:
            amounts[n] += 1
    return [pair for pair in zip(starts, amounts, strict=True) if pair[1]]


def split_by_readings(charged: Charged, readings: Sequence[Reading]) -> Parts:
    """Spread by a register that the meter signed several times on the way.

    Raises: NotUsable when the readings run backward, leave out the start or end, stand too
    far apart where an interval ends, or do not add up to the charge.
    """
    points = sorted((at, _exact(register)) for at, register in readings)
    if len(points) < 2:
        raise NotUsable("there are not two readings")
    if points[0][0] > charged.started + EDGE or points[-1][0] < charged.ended - EDGE:
        raise NotUsable("the readings do not reach from the start of the charge to its end")
    pieces = []
    for (start, before), (end, after) in pairwise(points):
        if after < before:
            raise NotUsable(f"the register runs backward after {start}")
        if after > before:
            _check_gap(start, end, charged.interval_seconds)
            pieces.append((start, end, after - before))
    _check_sum(pieces, charged.energy_wh, Fraction(1, 100))
    return _spread(charged, pieces)


def split_by_periods(charged: Charged, periods: Sequence[Period]) -> Parts:
    """Spread by OCPI charging periods: each has its energy until the next one starts.

    Raises: NotUsable when no period states energy, one gives energy back (import and export
    are never netted), or they do not add up to the charge.
    """
    pieces = []
    ordered = sorted(periods, key=lambda period: period[0])
    ends = [*(period[0] for period in ordered[1:]), charged.ended]
    for (start, dimensions), end in zip(ordered, ends, strict=True):
        if any(kind == EXPORT and _exact(volume) > 0 for kind, volume in dimensions):
            raise NotUsable(f"the period at {start} gives energy back")
        # A period that states both says one thing twice.
        stated = (volume for name in ENERGY for kind, volume in dimensions if kind == name)
        energy = _exact(next(stated, 0))
        if energy < 0:
            raise NotUsable(f"the period at {start} gives energy back")
        if energy:
            pieces.append((start, end, energy * WH_PER_KWH))
    _check_sum(pieces, charged.energy_wh, Fraction(1, 100))
    return _spread(charged, pieces)


def split_by_power(charged: Charged, samples: Sequence[Sample]) -> Parts:
    """Spread by power measured now and then, along straight lines between.

    The first and last sample hold until the start and end.
    Raises: NotUsable when a power is negative, samples stand too far apart where an interval
    ends, or the curve is more than a tenth away from the energy of the charge.
    """
    points = sorted((at, _exact(watts)) for at, watts in samples)
    if not points:
        raise NotUsable("there are no samples")
    if any(watts < 0 for _, watts in points):
        raise NotUsable("a sample gives power back")
    points = [
        (min(charged.started, points[0][0]), points[0][1]),
        *points,
        (max(charged.ended, points[-1][0]), points[-1][1]),
    ]
    pieces = []
    for (start, before), (end, after) in pairwise(points):
        if end == start or not (before or after):
            continue
        _check_gap(start, end, charged.interval_seconds)
        slope = (after - before) / (end - start)
        for one, other in _cut(start, end, charged):
            middle = before + slope * (Fraction(one + other, 2) - start)
            pieces.append((one, other, middle * (other - one) / HOUR))
    _check_sum(pieces, charged.energy_wh, Fraction(1, 10))
    return _spread(charged, pieces)


def apportion(amount: int, weights: Sequence[Fraction]) -> list[int]:
    """Whole shares of an amount by weight, exact in sum; an earlier place wins a tie."""
    total = sum(weights, Fraction(0))
    shares = [weight * amount / total for weight in weights]
    whole = [int(share) for share in shares]
    order = sorted(range(len(shares)), key=lambda n: (whole[n] - shares[n], n))
    for n in order[: amount - sum(whole)]:
        whole[n] += 1
    return whole


def _spread(charged: Charged, pieces: Iterable[Piece]) -> Parts:
    """Pieces of a charge over the intervals, scaled to its whole energy."""
    length = charged.interval_seconds
    weights: dict[int, Fraction] = {}
    for start, end, energy in pieces:
        cuts = _cut(start, end, charged)
        for one, other in cuts:
            share = energy * (other - one) / sum(b - a for a, b in cuts)
            weights[one - one % length] = weights.get(one - one % length, Fraction(0)) + share
        if not cuts:  # an instant, or beside the charge: the nearest interval of it
            at = min(max(start, charged.started), charged.ended - 1)
            weights[at - at % length] = weights.get(at - at % length, Fraction(0)) + energy
    starts = sorted(weights)
    amounts = apportion(charged.energy_wh, [weights[start] for start in starts])
    return [part for part in zip(starts, amounts, strict=True) if part[1]]


def _cut(start: int, end: int, charged: Charged) -> list[tuple[int, int]]:
    """The part of [start, end) inside the charge, cut where intervals end."""
    start, end = max(start, charged.started), min(end, charged.ended)
    length = charged.interval_seconds
    cuts = []
    while start < end:
        stop = min(end, start - start % length + length)
        cuts.append((start, stop))
        start = stop
    return cuts


def _exact(number: Number) -> Fraction:
    """Raises: NotUsable for what is no number, or larger than any charge."""
    if isinstance(number, Decimal) and not (
        (number.is_finite() and -DIGITS < number.adjusted() < DIGITS) or not number
    ):
        raise NotUsable(f"{number} is not an amount of energy or power")
    return Fraction(number)


def _check_gap(start: int, end: int, length: int) -> None:
    if end - start > WIDEST_GAP and start // length != (end - 1) // length:
        raise NotUsable(f"nothing is known for {end - start} seconds after {start}")


def _check_sum(pieces: Sequence[Piece], energy_wh: int, tolerance: Fraction) -> None:
    """Evidence of another amount is evidence of something else; roundings are not."""
    total = sum((energy for _, _, energy in pieces), Fraction(0))
    if not total:
        raise NotUsable("it states no energy")
    if abs(total - energy_wh) > max(energy_wh * tolerance, Fraction(10)):
        raise NotUsable(f"it adds up to {float(total):.0f} Wh, the charge took {energy_wh} Wh")
