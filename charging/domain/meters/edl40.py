"""EDL40 with the extension for charging: a meter's SML file whose list carries a signature.

What is signed is not the file but 320 bytes that are put together from it: the meter's
number, the time, status, second counter and page, the register with unit, scale and value,
the place in the meter's log, the contract's number and the time it was set. Numbers stand
with the lowest byte first. r and s of 24 bytes each on secp192r1 over the first 192 bits of
their SHA-256; two bytes of the log's place follow them.

Places as the S.A.F.E. transparency software has them (Apache-2.0); its own records verify.
A record says neither begin nor end: where two or more of one charge come together, the first
is its begin and the last its end, as whoever hands them in says, and the sums are the meter's.
"""

import struct
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from charging.domain.meters import sml
from charging.domain.meters.curves import CURVES
from charging.domain.meters.obis import register_of
from charging.domain.meters.records import (
    BEGIN,
    BETWEEN,
    END,
    MOST_WH,
    Reading,
    Signature,
    SignedRecord,
)
from charging.errors import MalformedRecord, UnsupportedRecord

FORMAT, HEADER = "EDL40", sml.START
LONGEST = 8 * 1024  # bytes; real ones have under 400
SIGNED_VALUE = bytes.fromhex("0100011100ff")  # 1-0:1.17.0*255, the last signed import register
SECONDS = bytes.fromhex("810060080001")
PAGE = bytes.fromhex("8180817101ff")
CONTRACT = bytes.fromhex("8182815401ff")
SERVER_BYTES, CONTRACT_BYTES, HALF, LOG_BYTES = 10, 128, 24, 2
ENTRY_PARTS, LIST_PARTS = 7, 7
STATUS, TIME, UNIT, SCALE, VALUE = 1, 2, 3, 4, 5
TIMESTAMP, LOCAL_TIMESTAMP = 2, 3
WH = 30  # DLMS unit code
MOST_SCALE = 12
CLOCK_SET = datetime(2000, 1, 1, tzinfo=UTC)  # a clock that shows less was never set
_SIGNED = struct.Struct("<10sIBII6sBbq2s128sI147x")


def parse(data: bytes) -> SignedRecord:
    """Take a record apart. Raises: MalformedRecord, UnsupportedRecord."""
    if len(data) > LONGEST:
        raise MalformedRecord(f"An EDL40 record has more than {LONGEST:,} bytes.")
    found = [body for kind, body in sml.messages(data) if kind == sml.GET_LIST_RESPONSE]
    if len(found) != 1 or len(found[0]) != LIST_PARTS:
        raise MalformedRecord("An EDL40 record holds one list of values.")
    server, values, signature = found[0][1], found[0][4], found[0][5]
    entries = _entries(values)
    missing = [name for name in (SIGNED_VALUE, SECONDS, PAGE, CONTRACT) if name not in entries]
    if missing:
        raise UnsupportedRecord(
            f"The SML list has no value {missing[0].hex(' ')}; only EDL40 with the extension for "
            "charging is verified here."
        )
    _check_bytes(server, SERVER_BYTES, "meter's number")
    _check_bytes(signature, 2 * HALF + LOG_BYTES, "signature")
    return _record(server, entries, signature)


def in_order(records: Sequence[tuple[int, SignedRecord]]) -> list[tuple[int, SignedRecord]]:
    """The same records, by their places; of EDL40's that follow each other and are of one
    charge the first is a begin and the last an end.
    """
    found = list(records)
    for is_mine, run in groupby(
        range(len(found)),
        key=lambda n: found[n][1].format == FORMAT and tuple(found[n][1].same.items()),
    ):
        places = list(run)
        if is_mine and len(places) > 1:
            for n, kind in ((places[0], BEGIN), (places[-1], END)):
                place, record = found[n]
                readings = tuple(replace(reading, kind=kind) for reading in record.readings)
                found[n] = place, replace(record, readings=readings)
    return found


def _record(server: bytes, entries: dict[bytes, list[Any]], signature: bytes) -> SignedRecord:
    value, contract = entries[SIGNED_VALUE], entries[CONTRACT]
    contract_id = contract[VALUE]
    if not isinstance(contract_id, bytes) or len(contract_id) > CONTRACT_BYTES:
        raise MalformedRecord("The contract's number of an EDL40 record is too long or none.")
    return SignedRecord(
        format=FORMAT,
        version="",
        payload=_payload(server, entries, signature[2 * HALF :]),
        signature=Signature(
            CURVES["secp192r1"],
            "SHA256",
            int.from_bytes(signature[:HALF]),
            int.from_bytes(signature[HALF : 2 * HALF]),
        ),
        meters=(server.hex(),),
        readings=(_reading(value),),
        same={
            "meter": server.hex(),
            "contract": contract_id.rstrip(b"\0").hex(),
            "contract_set_at": str(_seconds(contract[TIME])),
            "page": str(_whole(entries[PAGE][VALUE])),
        },
    )


def _payload(server: bytes, entries: dict[bytes, list[Any]], log_place: bytes) -> bytes:
    """The 320 bytes that are signed."""
    value, contract = entries[SIGNED_VALUE], entries[CONTRACT]
    try:
        return _SIGNED.pack(
            server,
            _seconds(value[TIME]),
            _whole(value[STATUS]) & 0xFF,
            _second_counter(entries[SECONDS][VALUE]),
            _whole(entries[PAGE][VALUE]),
            SIGNED_VALUE,
            _whole(value[UNIT]),
            _whole(value[SCALE]),
            _whole(value[VALUE]),
            log_place,
            contract[VALUE],
            _seconds(contract[TIME]),
        )
    except struct.error as error:
        raise MalformedRecord("A number of an EDL40 record is too large for its place.") from error


def _reading(value: list[Any]) -> Reading:
    moment = datetime.fromtimestamp(_seconds(value[TIME]), UTC)
    return Reading(
        kind=BETWEEN,
        at=moment if moment >= CLOCK_SET else None,
        clock="",
        value=_register(_whole(value[VALUE]), _whole(value[SCALE])),
        unit="Wh" if _whole(value[UNIT]) == WH else "",
        obis="1-0:1.17.0*255",
        register=register_of("1-0:1.8.0*255"),
    )


def _entries(values: Any) -> dict[bytes, list[Any]]:
    """The list's entries by name; one that stands twice is malformed."""
    if not isinstance(values, list):
        raise MalformedRecord("An EDL40 record holds a list of values.")
    entries: dict[bytes, list[Any]] = {}
    for entry in values:
        if not isinstance(entry, list) or len(entry) != ENTRY_PARTS:
            raise MalformedRecord("A value of an EDL40 record has seven parts.")
        if not isinstance(entry[0], bytes) or entry[0] in entries:
            raise MalformedRecord("A value of an EDL40 record has no name, or one that is taken.")
        entries[entry[0]] = entry
    return entries


def _seconds(time: Any) -> int:
    """Seconds since 1970 as the meter signs them: on its local clock where it tells one."""
    kind, value = _pair(time)
    if kind == TIMESTAMP:
        return _whole(value)
    if kind == LOCAL_TIMESTAMP and isinstance(value, list) and len(value) == 3:
        stamp, offset, season = (_whole(part) for part in value)
        return stamp + (offset + season) * 60
    raise MalformedRecord("A time of an EDL40 record is no time stamp.")


def _second_counter(value: Any) -> int:
    """The meter's count of seconds: a time of a list type, one choice in another."""
    kind, time = _pair(value)
    inner, seconds = _pair(time)
    if (kind, inner) != (1, 1):
        raise MalformedRecord("The second counter of an EDL40 record is none.")
    return _whole(seconds)


def _pair(value: Any) -> tuple[Any, Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise MalformedRecord("A choice of an EDL40 record has a kind and a value.")
    return value[0], value[1]


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise MalformedRecord("A number of an EDL40 record is none.")
    return value


def _check_bytes(value: Any, size: int, name: str) -> None:
    if not isinstance(value, bytes) or len(value) != size:
        raise MalformedRecord(f"The {name} of an EDL40 record has not {size} bytes.")


def _register(amount: int, scale: int) -> Decimal | None:
    if abs(scale) > MOST_SCALE:
        return None
    number = Decimal(amount).scaleb(scale)
    return number if abs(number) < MOST_WH else None
