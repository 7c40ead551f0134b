"""Tariffs and charges for tests, in OCPI's words."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from charging.domain.tariff.periods import Period
from charging.domain.tariff.rating import rate
from charging.domain.tariff.reading import read_tariff

# The JSON files here are examples of the OCPI specification, unchanged (EVRoaming Foundation,
# CC BY-ND 4.0).
STEP_SIZE = Path(__file__).parent / "tariff_14_step_size.json"
BERLIN = "Europe/Berlin"
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
SATURDAY = datetime(2026, 3, 7, tzinfo=UTC)


def decimal(value):
    return Decimal(str(value))


def price(component, amount, vat=None, step=1):
    fields = {"type": component, "price": decimal(amount), "step_size": step}
    return fields if vat is None else fields | {"vat": decimal(vat)}


def element(*prices, **restrictions):
    restrictions = {
        name: decimal(value) if isinstance(value, float) else value
        for name, value in restrictions.items()
    }
    return {"price_components": list(prices), "restrictions": restrictions}


def unread(*elements, **fields):
    """A tariff as JSON has it."""
    listed = [each if "price_components" in each else element(each) for each in elements]
    return {"id": "T", "currency": "EUR", "elements": listed} | fields


def tariff(*elements, **fields):
    return read_tariff(unread(*elements, **fields))


def step_size_tariff():
    return read_tariff(json.loads(STEP_SIZE.read_text(), parse_float=Decimal))


def local(hour, minute=0, day=2, month=3, zone=BERLIN):
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def period(start, minutes, **volumes):
    """A period; `charging`, `parking` and `waiting` say what all of it was."""
    seconds = decimal(minutes * 60)
    kinds = {"charging": "charging_s", "parking": "parking_s", "waiting": "reservation_s"}
    fields = {kinds[name]: seconds for name in kinds if volumes.pop(name, False)}
    numbers = {name: decimal(value) for name, value in volumes.items() if name != "tariff_id"}
    if "tariff_id" in volumes:
        numbers["tariff_id"] = volumes["tariff_id"]
    return Period(start, start + timedelta(minutes=minutes), **fields, **numbers)


def chain(start, *parts):
    """Periods that follow one another: (minutes, what)."""
    periods = []
    for minutes, volumes in parts:
        periods.append(period(start, minutes, **volumes))
        start = periods[-1].ends_at
    return periods


def cost(periods, *tariffs, zone=BERLIN):
    return rate(periods, {"": tariffs[0]} if len(tariffs) == 1 else dict(tariffs), zone)


def cdr_of(periods, fields, **cost):
    """A CDR as JSON has it: hours with OCPI's four decimals."""
    hour, places = Decimal(3600), Decimal("0.0001")
    kinds = {"TIME": "charging_s", "PARKING_TIME": "parking_s", "RESERVATION_TIME": "reservation_s"}
    listed = []
    for each in periods:
        volumes = {kind: getattr(each, name) / hour for kind, name in kinds.items()}
        dimensions = [
            {"type": kind, "volume": volume.quantize(places)}
            for kind, volume in volumes.items()
            if volume
        ]
        if each.energy_kwh:
            dimensions.append({"type": "ENERGY", "volume": each.energy_kwh})
        start = each.starts_at.isoformat().replace("+00:00", "Z")
        listed.append({"start_date_time": start, "dimensions": dimensions})
    return {
        "id": "C1",
        "start_date_time": listed[0]["start_date_time"],
        "end_date_time": periods[-1].ends_at.isoformat().replace("+00:00", "Z"),
        "cdr_location": {"evse_uid": "E1", "connector_id": "1"},
        "currency": fields["currency"],
        "tariffs": [fields],
        "charging_periods": listed,
        "total_energy": sum(each.energy_kwh for each in periods),
        "total_cost": cost,
    }


CHARGING, PARKING, WAITING = {"charging": True}, {"parking": True}, {"waiting": True}


def energy(kwh):
    return {"charging": True, "energy_kwh": kwh}
