"""PCDF: `128.8.0(ST:...)(CT:...)...(PK:key)(SG:signature)`.

A record is of a whole charge so far: its start, the time now, and the energy since the start,
with SP:1 once it has ended. Signed is everything before the signature as it stands, the key
included; DER in hex, on secp256r1 over SHA-256. Transmissions are framed by STX and ETX.

Fields as the S.A.F.E. transparency software reads them (Apache-2.0), times in UTC as it takes
them; its own records verify.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal

from charging.domain.meters.curves import CURVES
from charging.domain.meters.der import NotDer, read_signature
from charging.domain.meters.obis import IMPORT, Register
from charging.domain.meters.records import (
    BEGIN,
    BETWEEN,
    END,
    Reading,
    Signature,
    SignedRecord,
    read_number,
)
from charging.errors import MalformedRecord

FORMAT, HEADER = "PCDF", b"128.8.0("
STX, ETX = b"\x02", b"\x03"
LONGEST = 2048  # bytes; real ones have under 500
NEEDED = "ST CT CD TV BV CSC SP RV SI CS HW DT PK SG".split()
SINCE_START = Register(IMPORT, 3, compensated=False)
_FIELD = re.compile(r"\(([A-Z]{2,3}):([^():]*)\)")
_TIME = re.compile(r"\d{12}", re.ASCII)
_ENERGY = re.compile(r"(\d{4}\.\d{3})\*(kWh)", re.ASCII)
_KEY = re.compile(r"04(?:[0-9a-fA-F]{128})")


def parse(data: bytes) -> SignedRecord:
    """Take a record apart. Raises: MalformedRecord."""
    data = data.strip().removeprefix(STX).partition(ETX)[0].strip()
    if len(data) > LONGEST:
        raise MalformedRecord(f"A PCDF record has more than {LONGEST:,} bytes.")
    payload, mark, _ = data.partition(b"(SG:")
    if not mark or not data.isascii():
        raise MalformedRecord("A PCDF record is 128.8.0 with fields in brackets, SG the last.")
    fields = _fields(data.decode())
    session = fields["SI"].split("*")
    if len(session) != 3:
        raise MalformedRecord("SI of a PCDF record is card*kind*transaction.")
    return SignedRecord(
        format=FORMAT,
        version="",
        payload=payload,
        signature=_signature(fields["SG"]),
        meters=(fields["HW"],),
        readings=_readings(fields),
        own_key=fields["PK"],
        same={
            "meter": fields["HW"],
            "driver": session[0],
            "session": session[2],
            "count": fields["CSC"],
        },
        faults=() if fields["BV"] == "1" else ("not_for_billing",),
    )


def _fields(text: str) -> dict[str, str]:
    inner = text.removeprefix(HEADER.decode()[:-1])
    found = _FIELD.findall(inner)
    if "".join(f"({name}:{value})" for name, value in found) != inner:
        raise MalformedRecord("The fields of a PCDF record are (NAME:value), nothing between.")
    fields = dict(found)
    if len(fields) < len(found):
        raise MalformedRecord("A field stands twice in the PCDF record.")
    missing = [name for name in NEEDED if name not in fields]
    if missing:
        raise MalformedRecord(f"The PCDF record has no {missing[0]}.")
    if found[-1][0] != "SG":
        raise MalformedRecord("A field of the PCDF record follows its signature.")
    if not _KEY.fullmatch(fields["PK"]):
        raise MalformedRecord("PK of a PCDF record is no point of secp256r1 in hex.")
    return fields


def _readings(fields: dict[str, str]) -> tuple[Reading, Reading]:
    """Nothing at the start, and what was taken since; the end only where SP says so."""
    energy = _ENERGY.fullmatch(fields["RV"])
    taken = read_number(energy[1]) if energy else None
    return (
        _reading(BEGIN, fields, "ST", None if taken is None else Decimal(0)),
        _reading(END if fields["SP"] == "1" else BETWEEN, fields, "CT", taken),
    )


def _reading(kind: str, fields: dict[str, str], time: str, value: Decimal | None) -> Reading:
    return Reading(
        kind=kind,
        at=_instant(fields[time]),
        clock="S" if fields["TV"] == "1" else "U",
        value=value,
        unit="kWh",
        obis="128.8.0",
        register=SINCE_START,
    )


def _instant(text: str) -> datetime | None:
    if not _TIME.fullmatch(text):
        return None
    try:
        return datetime.strptime(text, "%y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _signature(text: str) -> Signature:
    try:
        scalars = read_signature(bytes.fromhex(text))
    except NotDer as error:
        raise MalformedRecord(f"SG of a PCDF record cannot be read: {error}.") from error
    except ValueError as error:
        raise MalformedRecord("SG of a PCDF record is not hex.") from error
    return Signature(CURVES["secp256r1"], "SHA256", scalars.r, scalars.s, scalars.canonical)
