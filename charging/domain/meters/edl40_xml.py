"""EDL40's values in XML: a charging process of Mennekes, or signed bytes of other makers.

Mennekes' `ChargingProcess` holds the values of the begin and the end beside two signatures;
what is signed are the same 320 bytes as in an SML file. A record here is a process with one of
its two measurements; `carriage` takes them apart. `signedMeterValue` holds the 320 bytes
themselves, so that nobody says what its local clock is ahead of UTC.

Names and places as the S.A.F.E. transparency software has them (Apache-2.0).
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element, ParseError  # types; parsing is defusedxml's

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from charging.domain.meters import edl40
from charging.domain.meters.edl40_payload import LOG_BYTES, Signed, record_of, unpack
from charging.domain.meters.records import BEGIN, BETWEEN, END, SignedRecord
from charging.domain.meters.sml_list import check_ahead
from charging.errors import MalformedRecord, UnsupportedRecord

FORMAT, HEADER = "Mennekes", b"<"
LONGEST = 64 * 1024  # bytes; real ones have under 2,000
PROCESS, METER_VALUE = "ChargingProcess", "signedMeterValue"
KINDS = {"MeasurementStart": BEGIN, "MeasurementEnd": END}
METHODS = {"", "ECDSA192SHA256", "ECDSA256SHA256"}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WHOLE = re.compile(r"[+-]?\d{1,20}", re.ASCII)


def parse(data: bytes) -> SignedRecord:
    """Take a record apart. Raises: MalformedRecord, UnsupportedRecord."""
    if len(data) > LONGEST:
        raise MalformedRecord(f"A signed value in XML has more than {LONGEST:,} bytes.")
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise MalformedRecord(f"The signed value in XML cannot be read: {error}.") from error
    if local_name(root) == PROCESS:
        return _process(root)
    if local_name(root) == METER_VALUE:
        return _meter_value(root)
    raise UnsupportedRecord(f"XML of the kind {local_name(root)[:60]!r} is not verified here.")


def local_name(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _process(root: Element) -> SignedRecord:
    parts = _parts(root)
    named = [name for name in KINDS if name in parts]
    if len(named) != 1:
        raise MalformedRecord("A charging process has a measurement of its begin or of its end.")
    shown = _parts(parts[named[0]])
    signature = _hex(shown, "Signature")
    log = signature[48:] or (_whole(shown, "EventCounter") & 0xFFFF).to_bytes(LOG_BYTES)
    clock, ahead = _clock(shown, "Timestamp")
    holder = shown if "TimestampCustomerIdent" in shown else parts
    signed = Signed(
        server=_hex(parts, "ServerId"),
        clock=clock,
        status=_whole(shown, "MeterStatus") & 0xFF,
        second_counter=_whole(shown, "SecondIndex"),
        page=_whole(shown, "Pagination"),
        scale=_whole(shown, "Scaler"),
        value=_whole(shown, "Value"),
        log=log,
        contract=_hex(parts, "CustomerIdent"),
        contract_clock=_clock(holder, "TimestampCustomerIdent")[0],
    )
    if len(log) != LOG_BYTES:
        raise MalformedRecord("The Signature of a charging process has neither 48 nor 50 bytes.")
    record = record_of(signed, signature[:48], KINDS[named[0]], ahead, FORMAT)
    return replace(record, own_key="".join(_text(parts, "PublicKey", needed=False).split()))


def _meter_value(root: Element) -> SignedRecord:
    parts = _parts(root)
    method = _text(parts, "signatureMethod", needed=False)
    if method not in METHODS:
        raise UnsupportedRecord(f"Signatures by {method[:60]!r} are not verified here.")
    signature = _base64(parts, "meterValueSignature")
    record = record_of(
        unpack(_base64(parts, "encodedMeterValue")),
        signature[:-LOG_BYTES],
        BETWEEN,
        None,
        edl40.FORMAT,
    )
    return replace(record, own_key="".join(_text(parts, "publicKey", needed=False).split()))


def _parts(element: Element) -> dict[str, Element]:
    """What stands directly in an element, by name; one that stands twice is malformed."""
    parts: dict[str, Element] = {}
    for part in element:
        if local_name(part) in parts:
            raise MalformedRecord(f"{local_name(part)[:60]} stands twice in the signed value.")
        parts[local_name(part)] = part
    return parts


def _text(parts: Mapping[str, Element], name: str, *, needed: bool = True) -> str:
    text = (parts[name].text or "").strip() if name in parts else ""
    if needed and not text:
        raise MalformedRecord(f"The signed value has no {name}.")
    return text


def _whole(parts: Mapping[str, Element], name: str) -> int:
    text = _text(parts, name)
    if not _WHOLE.fullmatch(text):
        raise MalformedRecord(f"{name} of the signed value is no whole number: {text[:20]!r}.")
    return int(text)


def _clock(parts: Mapping[str, Element], name: str) -> tuple[int, timedelta]:
    """A local clock in seconds since 1970, and how far it is ahead of UTC."""
    text = _text(parts, name)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise MalformedRecord(f"{name} of the signed value is no time: {text[:40]!r}.") from error
    ahead = moment.utcoffset()
    if ahead is None:
        raise MalformedRecord(f"{name} of the signed value has no offset from UTC.")
    check_ahead(ahead // timedelta(minutes=1))
    return (moment.replace(tzinfo=UTC) - EPOCH) // timedelta(seconds=1), ahead


def _hex(parts: Mapping[str, Element], name: str) -> bytes:
    try:
        return bytes.fromhex(_text(parts, name))
    except ValueError as error:
        raise MalformedRecord(f"{name} of the signed value is not hex.") from error


def _base64(parts: Mapping[str, Element], name: str) -> bytes:
    try:
        return base64.b64decode("".join(_text(parts, name).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedRecord(f"{name} of the signed value is not base64.") from error
