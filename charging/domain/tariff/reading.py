"""From OCPI's JSON to a tariff; numbers must have been read as Decimal, never as float."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from reprlib import repr as shorten
from typing import Any, TypeVar

from charging.domain.tariff.tariff import (
    Component,
    Element,
    Limit,
    Price,
    Reservation,
    Restrictions,
    Tariff,
    TaxIncluded,
)
from charging.errors import InvalidTariff

DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
MOST_ELEMENTS = 200
LARGEST = Decimal(10) ** 12
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
Word = TypeVar("Word", bound=StrEnum)
Fields = Mapping[str, Any]


def read_tariff(fields: Fields) -> Tariff:
    """A tariff of OCPI 2.2.1 or 2.3.0. Fields that are not known here are left alone.

    Raises: InvalidTariff naming the field.
    """
    listed = _list(fields, "elements", "tariff")
    if not 0 < len(listed) <= MOST_ELEMENTS:
        raise InvalidTariff(f"A tariff has 1 to {MOST_ELEMENTS:,} elements, not {len(listed)}.")
    return Tariff(
        id=_text(fields, "id", "tariff"),
        currency=_text(fields, "currency", "tariff").upper(),
        elements=tuple(_element(each, f"elements[{n}]") for n, each in enumerate(listed)),
        tax_included=_word(fields, "tax_included", TaxIncluded, "tariff") or TaxIncluded.NO,
        min_price=_limit(fields.get("min_price"), "min_price"),
        max_price=_limit(fields.get("max_price"), "max_price"),
        starts_at=_maybe(fields, "start_date_time", read_instant, "tariff"),
        ends_at=_maybe(fields, "end_date_time", read_instant, "tariff"),
    )


def read_instant(value: object) -> datetime:
    """OCPI's DateTime: RFC 3339 in UTC, with or without the Z. Raises: ValueError."""
    if not isinstance(value, str):
        raise ValueError("a time is text")
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        return instant.replace(tzinfo=UTC)
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("the year is out of range") from None


def read_amount(value: object) -> Decimal:
    """A number of OCPI. Raises: ValueError for a float, which has lost what was written."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise ValueError("a number was expected, read as Decimal")
    amount = Decimal(value)
    if not amount.is_finite() or abs(amount) > LARGEST:
        raise ValueError("the number is too large")
    if amount != round(amount, 12):
        raise ValueError("the number has more than 12 decimals")
    return amount


def _element(fields: object, where: str) -> Element:
    if not isinstance(fields, Mapping):
        raise InvalidTariff(f"{where} is not an object.")
    prices = _list(fields, "price_components", where)
    given = fields.get("restrictions") or {}
    if not isinstance(given, Mapping):
        raise InvalidTariff(f"{where}.restrictions is not an object.")
    return Element(
        prices=tuple(
            _price(each, f"{where}.price_components[{n}]") for n, each in enumerate(prices)
        ),
        restrictions=_restrictions(given, f"{where}.restrictions"),
    )


def _price(fields: object, where: str) -> Price:
    if not isinstance(fields, Mapping):
        raise InvalidTariff(f"{where} is not an object.")
    component = _word(fields, "type", Component, where)
    if component is None:
        raise InvalidTariff(f"{where}.type is missing.")
    price = _maybe(fields, "price", read_amount, where)
    if price is None:
        raise InvalidTariff(f"{where}.price is missing.")
    step = _maybe(fields, "step_size", read_amount, where)
    if step is not None and (step < 0 or step != int(step)):
        raise InvalidTariff(f"{where}.step_size is a whole number of at least 0, not {step}.")
    vat = _maybe(fields, "vat", read_amount, where)
    if vat is not None and not 0 <= vat <= 100:
        raise InvalidTariff(f"{where}.vat is a percentage, not {vat}.")
    return Price(component, price, vat, int(step or 0))


def _restrictions(fields: Fields, where: str) -> Restrictions:
    numbers = {
        f"{end}_{what}": _maybe(fields, f"{end}_{what}", read_amount, where)
        for end in ("min", "max")
        for what in ("kwh", "current", "power", "duration")
    }
    return Restrictions(
        start_time=_maybe(fields, "start_time", _clock, where),
        end_time=_maybe(fields, "end_time", _clock, where),
        start_date=_maybe(fields, "start_date", _date, where),
        end_date=_maybe(fields, "end_date", _date, where),
        days=_days(fields, where),
        reservation=_word(fields, "reservation", Reservation, where),
        **numbers,
    )


def _days(fields: Fields, where: str) -> frozenset[int]:
    listed = fields.get("day_of_week") or []
    if not isinstance(listed, list) or any(day not in DAYS for day in listed):
        raise InvalidTariff(f"{where}.day_of_week is a list of days, such as MONDAY.")
    return frozenset(DAYS.index(day) for day in listed)


def _limit(given: object, where: str) -> Limit | None:
    """Price (2.2.1: excl_vat, incl_vat) or PriceLimit (2.3.0: before_taxes, after_taxes)."""
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise InvalidTariff(f"{where} is not an object.")
    excl, incl = (
        next(
            (
                amount
                for name in names
                if (amount := _maybe(given, name, read_amount, where)) is not None
            ),
            None,
        )
        for names in (("excl_vat", "before_taxes"), ("incl_vat", "after_taxes"))
    )
    return Limit(excl, incl)


def _clock(value: object) -> time:
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise ValueError("a time of day is HH:MM")
    return time.fromisoformat(value)


def _date(value: object) -> date:
    if not isinstance(value, str):
        raise ValueError("a date is text")
    return date.fromisoformat(value)


def _list(fields: Fields, name: str, where: str) -> list[Any]:
    value = fields.get(name)
    if not isinstance(value, list):
        raise InvalidTariff(f"{where}.{name} is not a list.")
    return value


def _text(fields: Fields, name: str, where: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise InvalidTariff(f"{where}.{name} is missing.")
    return value.strip()


def _word(fields: Fields, name: str, words: type[Word], where: str) -> Word | None:
    value = fields.get(name)
    if value is None:
        return None
    try:
        return words(value)
    except ValueError:
        allowed = ", ".join(words)
        raise InvalidTariff(f"{where}.{name} is {shorten(value)}; use one of: {allowed}.") from None


Value = TypeVar("Value")


def _maybe(fields: Fields, name: str, read: Callable[[object], Value], where: str) -> Value | None:
    value = fields.get(name)
    if value is None:
        return None
    try:
        return read(value)
    except (ValueError, OverflowError) as error:
        raise InvalidTariff(f"{where}.{name} is {shorten(value)}: {error}.") from None
