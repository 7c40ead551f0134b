"""ISA-EDL40: an SML file whose list signs the register at the begin of a charge and now.

Every record says both, so that one from the end of a charge is whole. Signed are 320 bytes:
the meter's number, time, status and register now with its own signature, the contract's
number, time, hash, status and register at the begin, the list's name and the page. Numbers
stand with the lowest byte first. r and s of 32 bytes each on secp256r1 over their SHA-256; two
bytes of the log's place follow them. The list's name says begin, update or end.

Places as the S.A.F.E. transparency software has them (Apache-2.0); its own records verify.
Times are the meter's local clock; how far it is ahead of UTC stands beside them, unsigned.
"""

import struct
from datetime import timedelta

from charging.domain.meters.curves import CURVES
from charging.domain.meters.edl40_payload import (
    CONTRACT_BYTES,
    LOG_BYTES,
    SERVER_BYTES,
    WH,
    check_bytes,
    instant_of,
    register_value,
)
from charging.domain.meters.obis import register_of
from charging.domain.meters.records import BEGIN, BETWEEN, END, Reading, Signature, SignedRecord
from charging.domain.meters.sml_list import SIGNATURE, STATUS, VALUE, SignedList, clock_of
from charging.errors import MalformedRecord, UnsupportedRecord

FORMAT = "ISA-EDL40"
LIST_NAME = bytes.fromhex("81808162")
KINDS = {
    bytes.fromhex(f"{LIST_NAME.hex()}{number}ff"): kind
    for number, kind in (("00", BETWEEN), ("01", BETWEEN), ("02", END))
}
CONTRACT = bytes.fromhex("8182815401ff")
START = bytes.fromhex("010001080080")  # 1-0:1.8.0*128, kept from the begin
NOW = bytes.fromhex("0100010800ff")  # 1-0:1.8.0*255
PAGE = bytes.fromhex("8180c7f040ff")
HASH = bytes.fromhex("8180816101ff")
HALF, HASH_BYTES = 32, 20
SIGNATURE_BYTES = 2 * HALF + LOG_BYTES
_PLACES = struct.Struct("<10sIB6sBbq2s66s128sI20sB6sBbq6sI42x")


def parse(found: SignedList) -> SignedRecord:
    """The record in a list of that name. Raises: MalformedRecord, UnsupportedRecord."""
    if found.name not in KINDS:
        raise UnsupportedRecord(f"ISA-EDL40 knows no list {found.name[:16].hex(' ')}.")
    missing = [name for name in (CONTRACT, START, NOW, PAGE, HASH) if name not in found.entries]
    if missing:
        raise MalformedRecord(f"The ISA-EDL40 record has no value {missing[0].hex(' ')}.")
    check_bytes(found.signature, SIGNATURE_BYTES, "signature")
    ahead = clock_of(found.shown)[1]
    page = found.whole(PAGE, VALUE)
    started = found.clock(START)[0]
    return SignedRecord(
        format=FORMAT,
        version="",
        payload=_payload(found),
        signature=Signature(
            CURVES["secp256r1"],
            "SHA256",
            int.from_bytes(found.signature[:HALF]),
            int.from_bytes(found.signature[HALF : 2 * HALF]),
        ),
        meters=(found.server.hex(),),
        readings=(
            _reading(found, START, BEGIN, ahead),
            _reading(found, NOW, KINDS[found.name], ahead),
        ),
        page=("", page),
        same={
            "meter": found.server.hex(),
            "contract": _contract(found).rstrip(b"\0").hex(),
            "started_at": str(started),
        },
        names_one_charge=True,
    )


def _payload(found: SignedList) -> bytes:
    now, hashed = found.entries[NOW][SIGNATURE], found.entries[HASH][VALUE]
    check_bytes(found.server, SERVER_BYTES, "meter's number")
    check_bytes(now, SIGNATURE_BYTES, "register's own signature")
    check_bytes(hashed, HASH_BYTES, "hash")
    try:
        return _PLACES.pack(
            found.server,
            found.clock(NOW)[0],
            found.whole(NOW, STATUS) & 0xFF,
            NOW,
            *found.register(NOW),
            found.signature[-LOG_BYTES:],
            now,
            _contract(found),
            found.clock(START)[0],
            hashed,
            found.whole(START, STATUS) & 0xFF,
            START,
            *found.register(START),
            found.name,
            found.whole(PAGE, VALUE),
        )
    except struct.error as error:
        raise MalformedRecord(
            "A number of an ISA-EDL40 record is too large for its place."
        ) from error


def _contract(found: SignedList) -> bytes:
    contract = found.entries[CONTRACT][VALUE]
    if not isinstance(contract, bytes) or len(contract) > CONTRACT_BYTES:
        raise MalformedRecord("The contract's number of an ISA-EDL40 record is too long or none.")
    return contract


def _reading(found: SignedList, name: bytes, kind: str, ahead: timedelta) -> Reading:
    unit, scale, value = found.register(name)
    return Reading(
        kind=kind,
        at=instant_of(found.clock(name)[0], ahead),
        clock="",
        value=register_value(value, scale),
        unit="Wh" if unit == WH else "",
        obis="1-0:1.8.0*255",  # the begin's is the same register, kept
        register=register_of("1-0:1.8.0*255"),
        faults=("offset_not_signed",),
    )
