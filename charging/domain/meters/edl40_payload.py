"""The 320 bytes that a meter of EDL40 signs, whatever brings their values.

The meter's number, the time on its local clock, status, second counter and page, the register
with unit, scale and value, the place in the meter's log, the contract's number and when it was
set; numbers with the lowest byte first. r and s on secp192r1 (24 bytes each) or secp256r1 (32)
over the first bits of their SHA-256. Places as the S.A.F.E. transparency software has them
(Apache-2.0); its own records verify.

Only the local clock is signed, not how far it is ahead of UTC.
"""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from charging.domain.meters.curves import CURVES
from charging.domain.meters.obis import register_of
from charging.domain.meters.records import MOST_WH, Reading, Signature, SignedRecord
from charging.errors import MalformedRecord

SIGNED_VALUE = bytes.fromhex("0100011100ff")  # 1-0:1.17.0*255, the last signed import register
SERVER_BYTES, CONTRACT_BYTES, LOG_BYTES, SIGNED_BYTES = 10, 128, 2, 320
HALVES = {24: "secp192r1", 32: "secp256r1"}  # bytes of r, and of s
PLAIN = ("1-0:1.17.0*255", "1-0:1.8.0*255")  # the signed register's code, and what it counts
WH = 30  # DLMS unit code
MOST_SCALE = 12
CLOCK_SET = datetime(2000, 1, 1, tzinfo=UTC)  # a clock that shows less was never set
_PLACES = struct.Struct("<10sIBII6sBbq2s128sI147s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What the bytes say. Clocks are seconds since 1970 as a local clock shows them.

    `log` names the latest entry of the meter's log; `more` is what newer meters append: the
    register without and with the loss in the cable, the cable's resistance, seconds and price.
    """

    server: bytes
    clock: int
    status: int
    second_counter: int
    page: int
    obis: bytes = SIGNED_VALUE
    unit: int = WH
    scale: int
    value: int
    log: bytes
    contract: bytes
    contract_clock: int
    more: bytes = b""

    @property
    def compensated(self) -> int:
        """The register with the loss in the cable taken off; 0 where the meter has none."""
        return int.from_bytes(self.more[8:16], "little")

    def pack(self) -> bytes:
        """The bytes. Raises: MalformedRecord where a value does not fit into its place."""
        check_bytes(self.server, SERVER_BYTES, "meter's number")
        if len(self.contract) > CONTRACT_BYTES:
            raise MalformedRecord("The contract's number of an EDL40 record is too long.")
        try:
            return _PLACES.pack(
                self.server,
                self.clock,
                self.status,
                self.second_counter,
                self.page,
                self.obis,
                self.unit,
                self.scale,
                self.value,
                self.log,
                self.contract,
                self.contract_clock,
                self.more,
            )
        except struct.error as error:
            raise MalformedRecord(
                "A number of an EDL40 record is too large for its place."
            ) from error


def unpack(data: bytes) -> Signed:
    """The values of 320 bytes that came as they were signed. Raises: MalformedRecord."""
    check_bytes(data, SIGNED_BYTES, "signed data")
    names = (
        "server clock status second_counter page obis unit scale value log contract contract_clock "
        "more"
    )
    signed = Signed(**dict(zip(names.split(), _PLACES.unpack(data), strict=True)))
    if signed.obis != SIGNED_VALUE:  # other bytes of the same length and key, such as ISA-EDL40's
        raise MalformedRecord(f"EDL40 does not sign the register {signed.obis.hex(' ')}.")
    return signed


def record_of(
    signed: Signed, scalars: bytes, kind: str, ahead: timedelta | None, brought_by: str
) -> SignedRecord:
    """The record, named after what brought it.

    `scalars` are r and s; `ahead` is what the local clock is ahead of UTC, none where nobody
    says it. Raises: MalformedRecord.
    """
    half = len(scalars) // 2
    if len(scalars) % 2 or half not in HALVES:
        raise MalformedRecord("The signature of an EDL40 record has neither 48 nor 64 bytes.")
    return SignedRecord(
        format=brought_by,
        version="",
        payload=signed.pack(),
        signature=Signature(
            CURVES[HALVES[half]],
            "SHA256",
            int.from_bytes(scalars[:half]),
            int.from_bytes(scalars[half:]),
        ),
        meters=(signed.server.hex(),),
        readings=(_reading(signed, kind, ahead),),
        page=("", signed.page),
        same={
            "meter": signed.server.hex(),
            "contract": signed.contract.rstrip(b"\0").hex(),
            "contract_set_at": str(signed.contract_clock),
        },
        names_one_charge=True,
    )


def check_bytes(value: object, size: int, name: str) -> None:
    """Raises: MalformedRecord unless these are so many bytes."""
    if not isinstance(value, bytes) or len(value) != size:
        raise MalformedRecord(f"The {name} of an EDL40 record has not {size} bytes.")


def register_value(amount: int, scale: int) -> Decimal | None:
    """What a register shows; none where no register could."""
    if abs(scale) > MOST_SCALE:
        return None
    number = Decimal(amount).scaleb(scale)
    return number if abs(number) < MOST_WH else None


def instant_of(clock: int, ahead: timedelta | None) -> datetime | None:
    """The instant of a local clock; none where it was never set, or nobody says its zone."""
    if ahead is None:
        return None
    moment = datetime.fromtimestamp(clock, UTC) - ahead
    return moment if moment >= CLOCK_SET else None


def _reading(signed: Signed, kind: str, ahead: timedelta | None) -> Reading:
    """The register to bill by is the compensated one where there is one, as S.A.F.E. takes it."""
    obis, like = ("1-0:1.17.0*200", "1-0:98.8.0") if signed.compensated else PLAIN
    return Reading(
        kind=kind,
        at=instant_of(signed.clock, ahead),
        clock="",
        value=register_value(signed.compensated or signed.value, signed.scale),
        unit="Wh" if signed.unit == WH else "",
        obis=obis,
        register=register_of(like),
        faults=("offset_not_signed",),
        events=signed.log.hex(),
    )
