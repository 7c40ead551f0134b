"""A charge as periods with what was measured in each, from OCPI's charging periods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from reprlib import repr as shorten
from typing import Any

from charging.domain.tariff.reading import read_amount, read_instant
from charging.errors import InvalidCharge

MOST = 5_000  # periods of one charge
LONGEST = timedelta(days=400)
SECONDS = Decimal(3600)
FIRST_YEAR, LAST_YEAR = 1970, 2199
NOISE_S = Decimal(1)  # OCPI's hours have four decimals, 0.36 s; two such numbers may add up


@dataclass(frozen=True, slots=True)
class Period:
    """[starts_at, ends_at), aware; energy in kWh, negative when given back; times in seconds.

    Currents (A, all phases) and powers (kW) are the least and most of the period.
    """

    starts_at: datetime
    ends_at: datetime
    energy_kwh: Decimal = Decimal(0)
    charging_s: Decimal = Decimal(0)
    parking_s: Decimal = Decimal(0)
    reservation_s: Decimal = Decimal(0)
    min_current: Decimal | None = None
    max_current: Decimal | None = None
    min_power: Decimal | None = None
    max_power: Decimal | None = None
    tariff_id: str = ""

    @property
    def seconds(self) -> Decimal:
        """How long it lasts, exact to the microsecond."""
        return Decimal((self.ends_at - self.starts_at) // timedelta(microseconds=1)) / 10**6

    @property
    def is_only_reserved(self) -> bool:
        """Whether nothing but waiting for the driver happened."""
        return self.reservation_s > 0 and not (self.energy_kwh or self.charging_s or self.parking_s)


def check(periods: Sequence[Period]) -> None:
    """Raises: InvalidCharge when they are out of order, overlap, or are no time at all."""
    if not 0 < len(periods) <= MOST:
        raise InvalidCharge(f"A charge has 1 to {MOST:,} periods, not {len(periods):,}.")
    before = None
    for number, period in enumerate(periods, 1):
        if period.starts_at.tzinfo is None or period.ends_at.tzinfo is None:
            raise InvalidCharge(f"Period {number} has a time without a time zone.")
        if not FIRST_YEAR <= period.starts_at.year <= period.ends_at.year <= LAST_YEAR:
            raise InvalidCharge(
                f"Period {number} ends before it starts, or lies outside the years "
                f"{FIRST_YEAR} to {LAST_YEAR}."
            )
        if period.ends_at < period.starts_at:
            raise InvalidCharge(f"Period {number} ends before it starts.")
        if before and period.starts_at < before.ends_at:
            raise InvalidCharge(f"Period {number} starts before period {number - 1} ends.")
        if min(period.charging_s, period.parking_s, period.reservation_s) < 0:
            raise InvalidCharge(f"Period {number} has a negative duration.")
        before = period
    if periods[-1].ends_at - periods[0].starts_at > LONGEST:
        raise InvalidCharge(f"A charge lasts {LONGEST.days} days at most.")


def read_periods(listed: Sequence[Mapping[str, Any]], ends_at: datetime) -> list[Period]:
    """OCPI's `charging_periods`; each ends where the next starts, the last at `ends_at`.

    A duration that agrees with the clock to a second is taken from the clock, since OCPI
    rounds hours to four decimals and a step would otherwise be billed for a rounding.

    Raises: InvalidCharge naming the period and the field.
    """
    starts = [_start(fields, number) for number, fields in enumerate(listed, 1)]
    ends = [*starts[1:], ends_at][: len(starts)]
    periods = [
        _period(fields, start, end, number)
        for number, (fields, start, end) in enumerate(zip(listed, starts, ends, strict=True), 1)
    ]
    check(periods)
    return periods


def _start(fields: object, number: int) -> datetime:
    try:
        if not isinstance(fields, Mapping):
            raise ValueError("it is not an object")
        return read_instant(fields.get("start_date_time"))
    except ValueError as error:
        raise InvalidCharge(f"Period {number}: start_date_time cannot be read: {error}.") from None


def _period(fields: Mapping[str, Any], start: datetime, end: datetime, number: int) -> Period:
    volumes = _volumes(fields.get("dimensions"), number)
    wall = Decimal(max(end - start, timedelta()) // timedelta(microseconds=1)) / 10**6

    def seconds(name: str) -> Decimal:
        stated = volumes.get(name, Decimal(0)) * SECONDS
        return wall if stated and abs(stated - wall) <= NOISE_S else stated

    def first(*names: str) -> Decimal | None:
        return next((volumes[name] for name in names if name in volumes), None)

    return Period(
        starts_at=start,
        ends_at=end,
        energy_kwh=_energy(volumes),
        charging_s=seconds("TIME"),
        parking_s=seconds("PARKING_TIME"),
        reservation_s=seconds("RESERVATION_TIME"),
        min_current=first("MIN_CURRENT", "CURRENT", "MAX_CURRENT"),
        max_current=first("MAX_CURRENT", "CURRENT", "MIN_CURRENT"),
        min_power=first("MIN_POWER", "POWER"),
        max_power=first("MAX_POWER", "POWER"),
        tariff_id=str(fields.get("tariff_id") or ""),
    )


def _energy(volumes: Mapping[str, Decimal]) -> Decimal:
    """ENERGY counts; import and export only where a session states nothing else."""
    if "ENERGY" in volumes:
        return volumes["ENERGY"]
    zero = Decimal(0)
    return volumes.get("ENERGY_IMPORT", zero) - volumes.get("ENERGY_EXPORT", zero)


def _volumes(listed: object, number: int) -> dict[str, Decimal]:
    if not isinstance(listed, list):
        raise InvalidCharge(f"Period {number}: dimensions is not a list.")
    volumes: dict[str, Decimal] = {}
    for fields in listed:
        name = fields.get("type") if isinstance(fields, Mapping) else None
        if not isinstance(name, str) or name in volumes:
            raise InvalidCharge(
                f"Period {number}: dimension {shorten(name)} has no type or comes twice."
            )
        try:
            volumes[name] = read_amount(fields.get("volume"))
        except ValueError as error:
            raise InvalidCharge(f"Period {number}: volume of {name}: {error}.") from None
    return volumes
