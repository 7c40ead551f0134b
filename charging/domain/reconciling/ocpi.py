"""The facts of a charge out of OCPI's Session and CDR, and out of our own verdicts."""

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from reprlib import repr as shorten
from typing import Any

from charging.domain.meters.carriage import objects
from charging.domain.meters.carriage.messages import MOST_RECORDS
from charging.domain.meters.key_registry import KeyRegistry
from charging.domain.meters.verification import Verdict, verify
from charging.domain.reconciling.facts import Metered, Place, Rated, Statement
from charging.domain.tariff.rating import Rating
from charging.domain.tariff.reading import read_amount, read_instant
from charging.errors import InvalidCharge

Fields = Mapping[str, Any]
WH_PER_KWH, SECONDS_PER_HOUR = 1000, 3600


def of_session(session: Fields) -> Statement:
    """What a Session says; JSON numbers must have been read as Decimal. Raises: InvalidCharge."""
    place = Place(_text(session, "evse_uid"), _text(session, "connector_id"))
    return _statement(session, "Session", place, "kwh", None)


def of_cdr(cdr: Fields) -> Statement:
    """What a CDR says; the amounts of a credit CDR with the sign of what it credits.

    Raises: InvalidCharge.
    """
    location = _object(cdr, "cdr_location")
    place = Place(_text(location, "evse_uid"), _text(location, "connector_id"))
    return _statement(cdr, "CDR", place, "total_energy", "total_time")


def of_verdict(verdict: Verdict) -> Metered:
    """What signed meter values say of one charge."""
    started = [each.started_at for each in verdict.charges if each.started_at]
    ended = [each.ended_at for each in verdict.charges if each.ended_at]
    return Metered(
        energy_wh=verdict.energy_wh,
        started_at=min(started, default=None),
        ended_at=max(ended, default=None),
        is_proven=verdict.proves_energy,
    )


def of_signed_data(carrier: Fields, keys: KeyRegistry) -> Metered | None:
    """The same from a CDR's `signed_data`; none where it has none."""
    carried = objects.find(carrier.get("signed_data"))[:MOST_RECORDS]
    return of_verdict(verify(carried, keys)) if carried else None


def of_rating(rating: Rating) -> Rated:
    """What the tariff makes of the charge."""
    return Rated(rating.currency, rating.total_excl, rating.total_incl)


def _statement(
    fields: Fields, kind: str, place: Place, energy: str, duration: str | None
) -> Statement:
    sign = -1 if fields.get("credit") is True else 1
    started_at = _instant(fields, "start_date_time", kind)
    if started_at is None:
        raise InvalidCharge(f"The {kind} has no start_date_time.")
    kwh = _number(fields, energy, kind)
    hours = _number(fields, duration, kind) if duration else None
    excl, incl = read_price(fields, "total_cost", kind)
    return Statement(
        uid=_text(fields, "id"),
        place=place,
        started_at=started_at,
        ended_at=_instant(fields, "end_date_time", kind),
        energy_wh=_wh(kwh),
        periods_energy_wh=_wh(_periods_kwh(fields, kind)),
        total_seconds=None if hours is None else round(hours * SECONDS_PER_HOUR),
        token=_text(_object(fields, "cdr_token"), "uid"),
        currency=_text(fields, "currency"),
        cost_excl=None if excl is None else sign * excl,
        cost_incl=None if incl is None else sign * incl,
    )


def read_price(fields: Fields, name: str, kind: str) -> tuple[Decimal | None, Decimal | None]:
    """A price without and with taxes, as OCPI 2.2.1 or 2.3.0 states it; none where it does not.

    Raises: InvalidCharge.
    """
    cost = _object(fields, name)
    excl = _number(cost, "excl_vat", kind, "before_taxes")
    return excl, _with_taxes(cost, excl, kind)


def _with_taxes(cost: Fields, excl: Decimal | None, kind: str) -> Decimal | None:
    """2.2.1 states the amount with taxes; 2.3.0 the taxes to be added."""
    incl = _number(cost, "incl_vat", kind)
    taxes = cost.get("taxes")
    if incl is None and excl is not None and isinstance(taxes, list) and taxes:
        amounts = [_number(each, "amount", kind) for each in taxes if isinstance(each, Mapping)]
        incl = excl + sum((each for each in amounts if each is not None), Decimal(0))
    return incl


def _periods_kwh(fields: Fields, kind: str) -> Decimal | None:
    """The sum of ENERGY over the charging periods; none where no period states any."""
    periods = fields.get("charging_periods")
    found = []
    for period in periods if isinstance(periods, list) else ():
        dimensions = period.get("dimensions") if isinstance(period, Mapping) else None
        for each in dimensions if isinstance(dimensions, list) else ():
            if isinstance(each, Mapping) and each.get("type") == "ENERGY":
                found.append(_number(each, "volume", kind))
    known = [each for each in found if each is not None]
    return sum(known, Decimal(0)) if known else None


def _wh(kwh: Decimal | None) -> int | None:
    """Whole Wh, upwards: a consumption is never understated."""
    return None if kwh is None else int((kwh * WH_PER_KWH).to_integral_value(ROUND_CEILING))


def _number(fields: Fields, name: str, kind: str, other: str = "") -> Decimal | None:
    value = fields.get(name)
    value = fields.get(other) if value is None and other else value
    if value is None:
        return None
    try:
        return read_amount(value)
    except ValueError as error:
        raise InvalidCharge(f"The {kind}'s {name} is {shorten(value)}: {error}.") from None


def _instant(fields: Fields, name: str, kind: str) -> datetime | None:
    value = fields.get(name)
    if value is None:
        return None
    try:
        return read_instant(value)
    except ValueError as error:
        raise InvalidCharge(f"The {kind}'s {name} cannot be read: {error}.") from None


def _object(fields: Fields, name: str) -> Fields:
    value = fields.get(name)
    return value if isinstance(value, Mapping) else {}


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""
