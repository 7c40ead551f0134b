"""Meters that exist in tests alone: keys, and records that they sign."""

import base64
import hashlib
import json
import struct
from pathlib import Path

import ecdsa

from charging.domain.meters.curves import CURVES
from charging.domain.meters.der import write_signature

FOLDER = Path(__file__).parent


def real_records():
    """Records of real meters with the verdict of an independent check."""
    return json.loads((FOLDER / "real_records.json").read_text())["records"]


class Meter:
    """A meter with a private key; always the same one for the same seed."""

    def __init__(self, curve="secp256r1", seed=1, serial="M-1"):
        self.curve, self.serial = CURVES[curve], serial
        self.private = ecdsa.SigningKey.from_secret_exponent(
            1000 + seed, curve=self.curve.foreign, hashfunc=hashlib.sha256
        )

    @property
    def point(self):
        return self.private.verifying_key.to_string("uncompressed")

    @property
    def public_key(self):
        """The public key in hex, as SubjectPublicKeyInfo."""
        return self.private.verifying_key.to_der().hex()

    def sign(self, payload, hash_name="sha256"):
        """r and s over exactly these bytes."""
        digest = getattr(hashlib, hash_name)(payload).digest()
        return self.private.sign_digest_deterministic(
            digest,
            hashfunc=hashlib.sha256,
            sigencode=lambda r, s, order: (r, s),
            allow_truncate=True,
        )

    def ocmf(self, readings, *, signature=None, **fields):
        """A whole OCMF record; `signature` changes fields of its last section."""
        payload = json.dumps(self.payload(readings, **fields))
        return self.wrap(payload, **(signature or {}))

    def payload(self, readings, **fields):
        return (
            {"FV": "1.0", "GS": self.serial, "MS": self.serial, "PG": "T1"}
            | fields
            | {"RD": readings}
        )

    def wrap(self, payload, **signature):
        """The payload exactly as it is, with a signature over its bytes."""
        der = write_signature(*self.sign(payload.encode())).hex()
        signed = {"SA": f"ECDSA-{self.curve.name}-SHA256", "SD": der} | signature
        return f"OCMF|{payload}|{json.dumps(signed)}"

    def alfen(self, *, kind=0, value=15762, status=0, session=18, page=17, unix=1542984061, **more):
        """An Alfen record; this meter must be on secp192r1."""
        dataset = struct.pack(
            "<10s4s2s10s4sII6sBbq20sII",
            b"adapter-01",
            b"v013",
            b"\x2d\xa6",
            self.serial.encode().ljust(10, b"\0"),
            status.to_bytes(4, "little"),
            1,
            unix,
            bytes((1, 0, 1, 8, 0, 255)),
            more.get("unit", 30),
            more.get("scale", 0),
            value,
            b"04A1".ljust(20, b"\0"),
            session,
            page,
        )
        r, s = self.sign(dataset)
        parts = (
            self.private.verifying_key.to_string("compressed"),
            dataset,
            r.to_bytes(24) + s.to_bytes(24),
        )
        return f"AP;{kind};3;" + ";".join(base64.b32encode(part).decode() for part in parts) + ";"


def octets(data):
    """Bytes as SML writes them."""
    size = len(data) + 1
    if size < 16:
        return bytes((size,)) + data
    size += 1
    return bytes((0x80 | size >> 4, size & 15)) + data


def edl40(meter, *, value=3275, unix=1_772_359_200, page=33, contract=b"62487887", **more):
    """An EDL40 record of a meter on secp192r1, framed as a file: tenths of a Wh.

    `unix` is UTC; the meter's clock is `ahead` minutes ahead of it.
    """
    server = bytes.fromhex("09014553591103956940")
    ahead, log = more.get("ahead", 0), more.get("log", b"\x06\x00")
    set_at = more.get("contract_set_at", 1516)
    signed = struct.pack(
        "<10sIBII6sBbq2s128sI147x",
        server,
        unix + ahead * 60,
        0,
        729,
        page,
        bytes.fromhex("0100011100ff"),
        30,
        -1,
        value,
        log,
        contract,
        set_at + ahead * 60,
    )
    r, s = meter.sign(signed)

    def unsigned(number):
        return b"\x65" + number.to_bytes(4)

    def local(number):
        season = b"\x53" + ahead.to_bytes(2, signed=True)
        return b"\x72\x62\x03\x73" + unsigned(number) + season + bytes.fromhex("530000")

    entries = (
        bytes.fromhex("77070100011100ff6500000000")
        + local(unix)
        + bytes.fromhex("621e52ff59")
        + value.to_bytes(8, signed=True)
        + b"\x01",
        bytes.fromhex("7707810060080001010101017262017262 01") + unsigned(729) + b"\x01",
        bytes.fromhex("77078180817101ff01010101") + unsigned(page) + b"\x01",
        bytes.fromhex("77078182815401ff01")
        + local(set_at)
        + b"\x01\x01"
        + octets(contract)
        + b"\x01",
    )
    body = (
        bytes.fromhex("77010b")
        + server
        + bytes.fromhex("070100011100ff726201")
        + unsigned(732)
        + bytes((0x70 | len(entries),))
        + b"".join(entries)
        + octets(r.to_bytes(24) + s.to_bytes(24) + log)
        + b"\x01"
    )
    message = bytes.fromhex("760239620062007265 00000701") + body + bytes.fromhex("631df700")
    frame = message.replace(b"\x1b" * 4, b"\x1b" * 8)
    return b"\x1b" * 4 + b"\x01" * 4 + frame + b"\x1b" * 4 + b"\x1a\x00\xf3\xbd"


def reading(kind, value, at="2026-03-01T10:00:00,000+0000 S", **fields):
    """A reading of the import register in kWh."""
    return {
        "TM": at,
        "TX": kind,
        "RV": value,
        "RI": "1-0:1.8.0",
        "RU": "kWh",
        "ST": "G",
    } | fields


def charge(begin=1.5, end=12.75):
    """Begin and end, an hour apart."""
    return [reading("B", begin), reading("E", end, "2026-03-01T11:00:00,000+0000 S")]
