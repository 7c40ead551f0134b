"""Periods cut wherever a restriction of the tariff begins or stops to apply.

OCPI asks the operator to start a period at each such moment. Where one did not, energy and
times are taken as even within the period, so that cutting a period never changes its cost.
Fractions keep that exact.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo

from charging.domain.tariff.periods import Period
from charging.domain.tariff.tariff import Restrictions, Tariff

MICROSECOND = timedelta(microseconds=1)
MIDNIGHT = time()
HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Moment:
    """What restrictions ask about, in the middle of a piece; powers in kW, currents in A.

    `after_s` is the time since the charge (or the reservation) started.
    """

    local: datetime
    energy_kwh: Fraction
    after_s: Fraction
    min_current: Fraction | None
    max_current: Fraction | None
    min_power: Fraction
    max_power: Fraction


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch in which the same elements apply throughout. Energy in kWh, times in seconds."""

    moment: Moment
    energy_kwh: Fraction
    charging_s: Fraction
    parking_s: Fraction
    reservation_s: Fraction
    is_only_reserved: bool


@dataclass(frozen=True, slots=True)
class _Edges:
    """Every value at which some restriction of a tariff changes its mind, in order."""

    kwh: list[Fraction]
    seconds: list[Fraction]
    instants: list[datetime]

    @classmethod
    def of(cls, tariff: Tariff, starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> "_Edges":
        asked = [element.restrictions for element in tariff.elements]
        clock = {edge for each in asked for edge in _clock_edges(each)}
        instants = _clock_instants(starts_at, ends_at, clock, zone) if clock else ()
        return cls(
            kwh=_numbers(asked, ("min_kwh", "max_kwh")),
            seconds=_numbers(asked, ("min_duration", "max_duration")),
            instants=sorted(set(instants)),
        )


class Cutter:
    """Cuts the periods of one charge; knows how much and how long it was before each."""

    def __init__(self, periods: Sequence[Period], zone: ZoneInfo) -> None:
        self._zone = zone
        self._span = periods[0].starts_at, periods[-1].ends_at
        self._reserved_from = periods[0].starts_at
        began = [each.starts_at for each in periods if not each.is_only_reserved]
        self._charging_from = began[0] if began else periods[0].starts_at
        self._energy = Fraction(0)
        self._edges: dict[int, _Edges] = {}

    def cut(self, period: Period, tariff: Tariff) -> Iterator[Piece]:
        """The pieces of the next period, in order."""
        if id(tariff) not in self._edges:
            self._edges[id(tariff)] = _Edges.of(tariff, *self._span, self._zone)
        since = self._reserved_from if period.is_only_reserved else self._charging_from
        before_s = _seconds(period.starts_at - since)
        inside = self._cuts(period, self._edges[id(tariff)], before_s)
        cuts = sorted({Fraction(0), Fraction(1), *inside})
        for first, last in pairwise(cuts):
            middle, share = (first + last) / 2, last - first
            yield Piece(
                moment=self._moment(period, middle, before_s),
                energy_kwh=share * Fraction(period.energy_kwh),
                charging_s=share * Fraction(period.charging_s),
                parking_s=share * Fraction(period.parking_s),
                reservation_s=share * Fraction(period.reservation_s),
                is_only_reserved=period.is_only_reserved,
            )
        self.skip(period)

    def skip(self, period: Period) -> None:
        """Count a period that no tariff is relevant for."""
        self._energy += Fraction(period.energy_kwh)

    def _cuts(self, period: Period, edges: _Edges, before_s: Fraction) -> Iterator[Fraction]:
        """Where in the period, from 0 to 1, something changes."""
        energy, length = Fraction(period.energy_kwh), Fraction(period.seconds)
        ends = sorted((self._energy, self._energy + energy))
        for edge in _inside(edges.kwh, *ends):
            yield (edge - self._energy) / energy
        for edge in _inside(edges.seconds, before_s, before_s + length):
            yield (edge - before_s) / length
        for instant in _inside(edges.instants, period.starts_at, period.ends_at):
            yield _seconds(instant - period.starts_at) / length

    def _moment(self, period: Period, middle: Fraction, before_s: Fraction) -> Moment:
        after = middle * Fraction(period.seconds)
        instant = period.starts_at + int(after * 10**6) * MICROSECOND
        least, most = _powers(period)
        idle = Fraction(0) if not period.energy_kwh else None
        return Moment(
            local=instant.astimezone(self._zone),
            energy_kwh=self._energy + middle * Fraction(period.energy_kwh),
            after_s=before_s + after,
            min_current=_exact(period.min_current, idle),
            max_current=_exact(period.max_current, idle),
            min_power=least,
            max_power=most,
        )


def _powers(period: Period) -> tuple[Fraction, Fraction]:
    """The stated powers; where a period states none, its average."""
    hours = Fraction(period.charging_s or period.seconds) / HOUR_S
    average = abs(Fraction(period.energy_kwh)) / hours if hours else Fraction(0)
    least, most = _exact(period.min_power, None), _exact(period.max_power, None)
    return (average if least is None else least), (average if most is None else most)


def _exact(value: Decimal | None, otherwise: Fraction | None) -> Fraction | None:
    return otherwise if value is None else Fraction(value)


def _seconds(length: timedelta) -> Fraction:
    return Fraction(length // MICROSECOND, 10**6)


Edge = TypeVar("Edge", Fraction, datetime)


def _inside(edges: list[Edge], start: Edge, end: Edge) -> list[Edge]:
    """Those strictly between."""
    return edges[bisect_right(edges, start) : bisect_left(edges, end)]


def _numbers(asked: list[Restrictions], names: tuple[str, ...]) -> list[Fraction]:
    values = (getattr(each, name) for each in asked for name in names)
    return sorted({Fraction(value) for value in values if value is not None})


def _clock_edges(asked: Restrictions) -> Iterator[time]:
    if asked.start_time or asked.end_time:
        yield asked.start_time or MIDNIGHT
        yield asked.end_time or MIDNIGHT
        yield MIDNIGHT
    elif asked.days or asked.start_date or asked.end_date:
        yield MIDNIGHT


def _clock_instants(
    starts_at: datetime, ends_at: datetime, clock: set[time], zone: ZoneInfo
) -> Iterator[datetime]:
    """When the wall clock shows one of these times, in both passes of a repeated hour, and
    when it is moved.
    """
    day = starts_at.astimezone(zone).date() - timedelta(days=1)
    last = ends_at.astimezone(zone).date()
    while day <= last:
        for edge in clock:
            wall = datetime.combine(day, edge, zone)
            yield wall.astimezone(UTC)
            yield wall.replace(fold=1).astimezone(UTC)
        day += timedelta(days=1)
    at = starts_at
    while at < ends_at:
        until = min(at + timedelta(hours=12), ends_at)
        if at.astimezone(zone).utcoffset() != until.astimezone(zone).utcoffset():
            yield _moved(at, until, zone)
        at = until


def _moved(start: datetime, end: datetime, zone: ZoneInfo) -> datetime:
    """The second at which the clock is moved, between two instants with different offsets."""
    low, high = int(start.timestamp()), int(end.timestamp()) + 1
    offset = start.astimezone(zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        same = datetime.fromtimestamp(middle, zone).utcoffset() == offset
        low, high = (middle, high) if same else (low, middle)
    return datetime.fromtimestamp(high, UTC)
