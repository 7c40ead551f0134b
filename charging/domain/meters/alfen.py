"""Alfen's signed values: `AP;type;version;key;data;signature;`, the last three in base32.

82 bytes of data, a compressed key on secp192r1, r and s of 24 bytes each over the SHA-256 of
the data. Places and bits as the S.A.F.E. transparency software reads them.
"""

import base64
import binascii
import struct
from datetime import UTC, datetime
from decimal import Decimal

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
from charging.errors import MalformedRecord

FORMAT, HEADER = "Alfen", b"AP;"
KINDS = {"0": BEGIN, "1": END, "2": BETWEEN}
DATA_BYTES, KEY_BYTES, SIGNATURE_BYTES = 82, 25, 48
LONGEST = 1024  # bytes; real ones have under 350
_FIELDS = struct.Struct("<10s4s2s10s4sII6sBbq20sII")
UNITS = {30: "Wh"}  # DLMS unit codes
MOST_SCALE = 12
# Bits of the status, counted from the lowest of its first byte.
METER_ERRORS, ADAPTER_ERRORS, BEGIN_MISMATCH = (1, 2), (16, 30, 31), (26,)


def parse(data: bytes) -> SignedRecord:
    """Take a record apart. Raises: MalformedRecord."""
    kind, version, key, dataset, signature = _sections(data)
    fields = _FIELDS.unpack(dataset)
    adapter, _firmware, _checksum, meter, status, _seconds, unix, obis = fields[:8]
    unit, scale, value, uid, session, page = fields[8:]
    code = "{}-{}:{}.{}.{}*{}".format(*obis)
    register_value = _value(value, scale)
    reading = Reading(
        kind=KINDS[kind],
        at=datetime.fromtimestamp(unix, UTC),
        clock="",
        value=register_value,
        unit=UNITS.get(unit, ""),
        obis=code,
        register=register_of(code),
        faults=_faults(int.from_bytes(status, "little")),
    )
    r, s = int.from_bytes(signature[:24]), int.from_bytes(signature[24:])
    return SignedRecord(
        format=FORMAT,
        version=version,
        payload=dataset,
        signature=Signature(CURVES["secp192r1"], "SHA256", r, s),
        meters=(meter.hex(), adapter.hex()),
        readings=(reading,),
        own_key=key.hex(),
        page=("", page),
        same={
            "meter": meter.hex(),
            "adapter": adapter.hex(),
            "session": str(session),
            "driver": uid.hex(),
        },
    )


def _sections(data: bytes) -> tuple[str, str, bytes, bytes, bytes]:
    if len(data) > LONGEST:
        raise MalformedRecord(f"An Alfen record has more than {LONGEST:,} bytes.")
    text = data.decode("ascii", "replace").strip().removesuffix(";")
    parts = text.split(";")
    if len(parts) != 6 or parts[0] != "AP" or parts[1] not in KINDS:
        raise MalformedRecord("An Alfen record is AP;type;version;key;data;signature; no other.")
    key, dataset, signature = (
        _base32(part, size, name)
        for part, size, name in zip(
            parts[3:],
            (KEY_BYTES, DATA_BYTES, SIGNATURE_BYTES),
            ("key", "data", "signature"),
            strict=True,
        )
    )
    return parts[1], parts[2][:8], key, dataset, signature


def _base32(text: str, size: int, name: str) -> bytes:
    bare = text.rstrip("=")
    try:
        content = base64.b32decode(bare + "=" * (-len(bare) % 8))
    except (binascii.Error, ValueError) as error:
        raise MalformedRecord(f"The {name} of an Alfen record is not base32.") from error
    if len(content) != size:
        raise MalformedRecord(
            f"The {name} of an Alfen record has {len(content)} bytes instead of {size}."
        )
    return content


def _value(value: int, scale: int) -> Decimal | None:
    if abs(scale) > MOST_SCALE:
        return None
    number = Decimal(value).scaleb(scale)
    return number if abs(number) < MOST_WH else None


def _faults(status: int) -> tuple[str, ...]:
    causes = {
        "meter_not_good": METER_ERRORS,
        "adapter_error": ADAPTER_ERRORS,
        "begin_mismatch": BEGIN_MISMATCH,
    }
    return tuple(code for code, bits in causes.items() if any(status >> bit & 1 for bit in bits))
