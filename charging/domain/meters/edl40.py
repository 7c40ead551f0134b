"""EDL40 with the extension for charging: a meter's SML file whose list carries a signature.

What is signed is not the file but what `edl40_payload` puts together from its values; two bytes
of the log's place follow r and s. Newer meters (signature of 66 bytes, secp256r1) sign five more
values, and eight bits that stand elsewhere in the status.

A record says neither begin nor end: where two or more of one charge come together, the first
is its begin and the last its end, as whoever hands them in says, and the sums are the meter's.
ISA-EDL40 comes in the same kind of file, under another name of its list.
"""

import struct
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from charging.domain.meters import isa_edl40, sml
from charging.domain.meters.edl40_payload import (
    CONTRACT_BYTES,
    LOG_BYTES,
    SERVER_BYTES,
    SIGNED_VALUE,
    Signed,
    check_bytes,
    record_of,
)
from charging.domain.meters.records import BEGIN, BETWEEN, END, SignedRecord
from charging.domain.meters.sml_list import STATUS, VALUE, SignedList, read_list
from charging.errors import MalformedRecord, UnsupportedRecord

FORMAT, HEADER = "EDL40", sml.START
LONGEST = 8 * 1024  # bytes; real ones have under 800
SECONDS = bytes.fromhex("810060080001")
PAGE = bytes.fromhex("8180817101ff")
CONTRACT = bytes.fromhex("8182815401ff")
NEWER_SIGNATURE = 66
# What newer meters append, in its order: see `Signed.more`.
_MORE = (
    (bytes.fromhex("010001110064"), "<Q"),
    (bytes.fromhex("0100011100c8"), "<Q"),
    (bytes.fromhex("00af6c6c72ff"), "<H"),
    (bytes.fromhex("00af647572ff"), "<I"),
    (bytes.fromhex("00af707263ff"), ">H"),
)
_STATUS_BITS = {0: 17, 3: 31, 4: 16, 5: 11, 6: 9, 7: 8}  # newer meters': signed bit, bit shown


def parse(data: bytes) -> SignedRecord:
    """Take a record apart. Raises: MalformedRecord, UnsupportedRecord."""
    if len(data) > LONGEST:
        raise MalformedRecord(f"An EDL40 record has more than {LONGEST:,} bytes.")
    found = read_list(data)
    if found.name[: len(isa_edl40.LIST_NAME)] == isa_edl40.LIST_NAME:
        return isa_edl40.parse(found)
    missing = [
        name for name in (SIGNED_VALUE, SECONDS, PAGE, CONTRACT) if name not in found.entries
    ]
    if missing:
        raise UnsupportedRecord(
            f"The SML list has no value {missing[0].hex(' ')}; only EDL40 with the extension for "
            "charging and ISA-EDL40 are verified here."
        )
    return _record(found)


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


def _record(found: SignedList) -> SignedRecord:
    signature, contract = found.signature, found.entries[CONTRACT][VALUE]
    if not isinstance(contract, bytes) or len(contract) > CONTRACT_BYTES:
        raise MalformedRecord("The contract's number of an EDL40 record is too long or none.")
    check_bytes(found.server, SERVER_BYTES, "meter's number")
    is_newer = len(signature) == NEWER_SIGNATURE
    clock, ahead = found.clock(SIGNED_VALUE)
    status = found.whole(SIGNED_VALUE, STATUS)
    unit, scale, value = found.register(SIGNED_VALUE)
    signed = Signed(
        server=found.server,
        clock=clock,
        status=_shown_elsewhere(status) if is_newer else status & 0xFF,
        second_counter=_second_counter(found.entries[SECONDS][VALUE]),
        page=found.whole(PAGE, VALUE),
        unit=unit,
        scale=scale,
        value=value,
        log=signature[-LOG_BYTES:],
        contract=contract,
        contract_clock=found.clock(CONTRACT)[0],
        more=_more(found) if is_newer else b"",
    )
    return record_of(signed, signature[:-LOG_BYTES], BETWEEN, ahead, FORMAT)


def _more(found: SignedList) -> bytes:
    try:
        return b"".join(
            struct.pack(form, found.whole(name, VALUE) if name in found.entries else 0)
            for name, form in _MORE
        )
    except struct.error as error:
        raise MalformedRecord("A number of an EDL40 record is too large for its place.") from error


def _shown_elsewhere(status: int) -> int:
    return sum((status >> shown & 1) << signed for signed, shown in _STATUS_BITS.items())


def _second_counter(value: Any) -> int:
    """The meter's count of seconds: a time of a list type, one choice in another."""
    if (
        isinstance(value, list)
        and len(value) == 2
        and value[0] == 1
        and isinstance(value[1], list)
        and len(value[1]) == 2
        and value[1][0] == 1
        and isinstance(value[1][1], int)
    ):
        return value[1][1]
    raise MalformedRecord("The second counter of an EDL40 record is none.")
