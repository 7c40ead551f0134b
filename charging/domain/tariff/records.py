"""Pricing a CDR again, from what it says itself."""

from collections.abc import Mapping
from typing import Any

from charging.domain.tariff.periods import read_periods
from charging.domain.tariff.rating import EVERY_PERIOD, Rating, rate
from charging.domain.tariff.reading import read_instant, read_tariff
from charging.errors import InvalidCharge


def rate_cdr(
    cdr: Mapping[str, Any], time_zone: str, tariffs: list[Mapping[str, Any]] | None = None
) -> Rating:
    """The cost of a CDR under its own tariffs, or under others.

    JSON numbers must have been read as Decimal. A CDR with one tariff whose periods name
    none means that tariff.

    Raises: InvalidCharge, InvalidTariff.
    """
    listed = tariffs if tariffs is not None else cdr.get("tariffs")
    if not isinstance(listed, list) or not listed:
        raise InvalidCharge("The CDR has no tariffs, so it cannot be priced.")
    known = {}
    for fields in listed:
        if not isinstance(fields, Mapping):
            raise InvalidCharge("A tariff of the CDR is not an object.")
        tariff = read_tariff(fields)
        known[tariff.id] = tariff
    periods = cdr.get("charging_periods")
    if not isinstance(periods, list):
        raise InvalidCharge("The CDR's charging_periods is not a list.")
    try:
        ends_at = read_instant(cdr.get("end_date_time"))
    except ValueError as error:
        raise InvalidCharge(f"The CDR's end_date_time cannot be read: {error}.") from None
    read = read_periods(periods, ends_at)
    if len(known) == 1 and all(not period.tariff_id for period in read):
        known = {EVERY_PERIOD: next(iter(known.values()))}
    return rate(read, known, time_zone)
