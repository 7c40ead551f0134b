"""What a charge costs under OCPI's tariffs, 2.2.1 and 2.3.0, line by line.

Steps (mod_cdrs, step_size): a step counts once for energy, and once for charging and parking
time together, on the total of the charge and by the price that applied last: where parking
comes last only the parking time is rounded up. What rounding adds is billed at that last
price. Waiting on a reservation has a step of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from charging.domain.local_time import zone_of
from charging.domain.tariff.choosing import choose, needs_current
from charging.domain.tariff.limits import limit_lines
from charging.domain.tariff.lines import Line, price_line
from charging.domain.tariff.periods import Period, check
from charging.domain.tariff.pieces import Cutter, Piece
from charging.domain.tariff.tariff import Component, Price, Reservation, Tariff
from charging.errors import InvalidCharge

WH_PER_KWH = 1000
EVERY_PERIOD = ""  # names the tariff of periods that name none
CHARGING = (None,)
WAITING = (Reservation.RESERVATION,)
EXPIRED = (Reservation.RESERVATION_EXPIRES, Reservation.RESERVATION)


@dataclass(frozen=True, slots=True)
class Rating:
    """The cost of a charge: lines that add up to the totals, in the tariff's currency.

    Totals are none where a tax is not said, so that they cannot be known. `gaps` says in
    words what the periods left open.
    """

    currency: str
    lines: tuple[Line, ...]
    total_excl: Decimal | None
    total_incl: Decimal | None
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Key:
    """One line: a component of one element of one tariff, while charging or while waiting."""

    tariff: str
    element: int
    component: Component
    is_reservation: bool


@dataclass(slots=True)
class _Tally:
    """Volumes by line, in kWh and seconds, and which line was used last for each step."""

    prices: dict[_Key, Price] = field(default_factory=dict)
    volumes: dict[_Key, Fraction] = field(default_factory=dict)
    last: dict[str, _Key] = field(default_factory=dict)

    def add(self, key: _Key, price: Price, volume: Fraction) -> None:
        self.prices[key] = price
        if key.component == Component.FLAT:
            self.volumes[key] = Fraction(1)  # once, whenever its element first applies
            return
        self.volumes[key] = self.volumes.get(key, Fraction(0)) + volume
        if volume:
            self.last[_step_group(key)] = key


def rate(periods: Sequence[Period], tariffs: Mapping[str, Tariff], time_zone: str) -> Rating:
    """Price a charge. `tariffs` by the id that periods name; `""` serves those that name none.

    `time_zone` is the location's IANA name. A period without a tariff costs nothing.

    Raises: InvalidCharge.
    """
    check(periods)
    currency = _currency(tariffs)
    tally, gaps = _tally(periods, tariffs, _zone(time_zone))
    billed = _round_up(tally)
    lines = [
        price_line(
            price=tally.prices[key],
            measured=_in_unit(key, tally.volumes[key]),
            billed=_in_unit(key, billed[key]),
            tariff=tariffs[key.tariff],
            element=key.element,
            is_reservation=key.is_reservation,
        )
        for key in tally.prices
    ]
    for name, tariff in tariffs.items():
        own = [line for key, line in zip(tally.prices, lines, strict=True) if key.tariff == name]
        if own:
            lines.extend(limit_lines(tariff, own))
    return Rating(
        currency=currency,
        lines=tuple(lines),
        total_excl=_sum([line.excl for line in lines]),
        total_incl=_sum([line.incl for line in lines]),
        gaps=tuple(gaps),
    )


def _tally(
    periods: Sequence[Period], tariffs: Mapping[str, Tariff], zone: ZoneInfo
) -> tuple[_Tally, list[str]]:
    tally, cutter, gaps = _Tally(), Cutter(periods, zone), []
    waiting = EXPIRED if all(each.is_only_reserved for each in periods) else WAITING
    for number, period in enumerate(periods, 1):
        name = period.tariff_id if period.tariff_id in tariffs else EVERY_PERIOD
        if period.tariff_id and name == EVERY_PERIOD:
            raise InvalidCharge(f"Period {number} names the tariff {period.tariff_id!r}; not here.")
        tariff = tariffs.get(name)
        if tariff is None:
            cutter.skip(period)
            continue
        unknown = period.max_current is None and bool(period.energy_kwh)
        if unknown and needs_current(tariff):
            gaps.append(
                f"Period {number} states no current; elements that ask for it are left out."
            )
        for piece in cutter.cut(period, tariff):
            _count(tally, name, tariff, piece, waiting)
    return tally, gaps


def _count(
    tally: _Tally,
    name: str,
    tariff: Tariff,
    piece: Piece,
    waiting: tuple[Reservation, ...],
) -> None:
    if piece.reservation_s:
        for component, (number, price) in choose(tariff, piece.moment, waiting).items():
            if component in {Component.TIME, Component.FLAT}:
                key = _Key(name, number, component, is_reservation=True)
                tally.add(key, price, piece.reservation_s)
    if piece.is_only_reserved:
        return
    volumes = {
        Component.ENERGY: piece.energy_kwh,
        Component.TIME: piece.charging_s,
        Component.PARKING_TIME: piece.parking_s,
        Component.FLAT: Fraction(1),
    }
    for component, (number, price) in choose(tariff, piece.moment, CHARGING).items():
        if volumes[component]:
            key = _Key(name, number, component, is_reservation=False)
            tally.add(key, price, volumes[component])


def _step_group(key: _Key) -> str:
    if key.is_reservation:
        return "reservation"
    return "energy" if key.component == Component.ENERGY else "time"


def _round_up(tally: _Tally) -> dict[_Key, Fraction]:
    """The volumes to bill: the last line of each step takes what rounding the total adds."""
    billed = dict(tally.volumes)
    for last in tally.last.values():
        alike = (
            volume
            for key, volume in tally.volumes.items()
            if (key.component, key.is_reservation) == (last.component, last.is_reservation)
        )
        total = sum(alike, Fraction(0))
        billed[last] += _stepped(total, tally.prices[last]) - total
    return billed


def _stepped(total: Fraction, price: Price) -> Fraction:
    """The smallest multiple of the step that holds the total.

    Times are whole seconds first, to the nearest: OCPI's hours are no finer than that. Energy
    that was given back on the whole is not rounded.
    """
    if total <= 0:
        return total
    if price.component == Component.ENERGY:
        step = Fraction(price.step_size, WH_PER_KWH)
        return ceil(total / step) * step if step else total
    seconds = floor(total + Fraction(1, 2))
    block = max(price.step_size, 1)
    return Fraction(ceil(Fraction(seconds, block)) * block)


def _in_unit(key: _Key, volume: Fraction) -> Fraction:
    """kWh, hours, or once."""
    is_time = key.component in {Component.TIME, Component.PARKING_TIME}
    return volume / 3600 if is_time else volume


def _zone(name: str) -> ZoneInfo:
    try:
        return zone_of(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidCharge(f"There is no time zone {name!r}.") from error


def _currency(tariffs: Mapping[str, Tariff]) -> str:
    currencies = {tariff.currency for tariff in tariffs.values()}
    if len(currencies) != 1:
        raise InvalidCharge(f"The tariffs of a charge have one currency, not {len(currencies)}.")
    return currencies.pop()


def _sum(amounts: list[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None
