"""Signed records in the JSON of OCPI and OCPP, wherever they stand in it.

OCPI: a CDR's or session's `signed_data`. OCPP 1.6: a sampled value of format SignedData, in
MeterValues or in StopTransaction's transactionData. OCPP 2.0.1 and 2.1: `signedMeterValue` of
a sampled value, in MeterValues or TransactionEvent. Messages come bare or in an OCPP-J frame.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from charging.domain.meters import edl40_xml
from charging.domain.meters.carriage import safe_xml, text
from charging.domain.meters.carried import Carried, Stated
from charging.domain.meters.records import read_exact, read_number
from charging.errors import UnreadableMessage

REGISTER = "Energy.Active.Import.Register"  # what a sampled value without a measurand is of


def read(data: bytes) -> list[Carried]:
    """Every signed record in the message, in its order. Raises: UnreadableMessage."""
    try:
        content = json.loads(data.decode("utf-8-sig"), parse_float=read_exact)
    except (ValueError, RecursionError) as error:
        raise UnreadableMessage(f"The file looks like JSON but is not: {error}.") from error
    return find(content)


def find(content: object) -> list[Carried]:
    """The same in JSON that was read already, with numbers as Decimal."""
    return [carried for found in _objects(content) for carried in _records(found)]


def _objects(content: object) -> Iterator[Mapping[str, Any]]:
    """All objects, outer before inner, in order; without recursion, however deep they lie."""
    waiting = [content]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield each
            waiting.extend(reversed(list(each.values())))
        elif isinstance(each, list):
            waiting.extend(reversed(each))


def _records(found: Mapping[str, Any]) -> Iterator[Carried]:
    if isinstance(found.get("signed_values"), list):
        yield from _ocpi(found)
    elif isinstance(found.get("sampledValue"), list):
        yield from _ocpp(found["sampledValue"])


def _ocpi(signed: Mapping[str, Any]) -> Iterator[Carried]:
    for value in signed["signed_values"]:
        if isinstance(value, dict):
            key = _text(signed.get("public_key"))
            yield from _carried(value.get("signed_data"), key, None, value.get("plain_data"))


def _ocpp(sampled: list[Any]) -> Iterator[Carried]:
    values = [value for value in sampled if isinstance(value, dict)]
    for value in values:
        signed = value.get("signedMeterValue")
        if isinstance(signed, dict):
            stated = _stated(value, value.get("unitOfMeasure"))
            yield from _signed_value(signed, stated)
        elif value.get("format") == "SignedData":
            plain = [one for one in values if _is_plain_register(one)]
            stated = _stated(plain[0], plain[0].get("unit")) if plain else None
            yield from _ocpp16(_text(value.get("value")), stated)


def _ocpp16(value: str, stated: Stated | None) -> Iterator[Carried]:
    """JSON of a SignedMeterValueType in a string, or the record itself."""
    if value.lstrip().startswith("{"):
        try:
            signed = json.loads(value)
        except (ValueError, RecursionError):
            signed = None
        if isinstance(signed, dict):
            yield from _signed_value(signed, stated)
            return
    yield from _carried(value, "", stated)


def _signed_value(signed: Mapping[str, Any], stated: Stated | None) -> Iterator[Carried]:
    yield from _carried(signed.get("signedMeterData"), _text(signed.get("publicKey")), stated)


def _carried(
    data: object, key: str, stated: Stated | None, fallback: object = None
) -> Iterator[Carried]:
    """The record in base64, as it should be, or as it is; some put it into plain_data alone.

    What is no record at all is handed on, so that it is named instead of lost.
    """
    raw = _text(data).strip().encode()
    opened = raw if text.is_record(raw) else text.unpack(raw)
    if opened is None:
        plain = _text(fallback).strip().encode()
        opened = plain if text.is_record(plain) else raw
    opened = opened.strip()
    if opened.startswith(edl40_xml.HEADER):
        yield from safe_xml.inside(opened, key, stated)
    else:
        yield Carried(opened, key, stated)


def _is_plain_register(value: Mapping[str, Any]) -> bool:
    kind = value.get("format", "Raw"), value.get("measurand", REGISTER)
    return kind == ("Raw", REGISTER)


def _stated(value: Mapping[str, Any], unit: object) -> Stated | None:
    number = read_number(value.get("value"))
    if number is None or value.get("measurand", REGISTER) != REGISTER:
        return None
    if isinstance(unit, dict):
        power = unit.get("multiplier", 0)
        unit = unit.get("unit", "")
        if isinstance(power, int) and abs(power) <= 9:
            number = number.scaleb(power)
    return Stated(number, _text(unit))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
