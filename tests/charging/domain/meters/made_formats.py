"""Records of test meters in the formats beside OCMF, Alfen and EDL40: ISA-EDL40, Mennekes, PCDF."""

import struct

from charging.domain.meters.der import write_signature
from tests.charging.domain.meters.made import octets

SERVER = bytes.fromhex("0901454D4800005BAE2F")
START = 1_772_359_200  # 2026-03-01T10:00:00Z
LATER = START + 3600


def measurement(meter, name, *, value, clock, page, set_at="2026-03-01T12:00:00+02:00", **more):
    """One of the two measurements of a charging process; `clock` is UTC, shown two hours ahead."""
    local = clock + 7200
    counter, log = more.get("counter", 8), more.get("log")
    signed = struct.pack(
        "<10sIBII6sBbq2s128sI147x",
        SERVER,
        local,
        0x08,
        74_650,
        page,
        bytes.fromhex("0100011100ff"),
        30,
        -1,
        value,
        log or counter.to_bytes(2),
        bytes.fromhex("874AD0FE"),
        START + 7200,
    )
    r, s = meter.sign(signed)
    stamp = f"2026-03-01T{local // 3600 % 24:02}:{local // 60 % 60:02}:{local % 60:02}+02:00"
    fields = {
        "TimestampCustomerIdent": set_at,
        "Timestamp": stamp,
        "Signature": (r.to_bytes(24) + s.to_bytes(24) + (log or b"")).hex(),
        "EventCounter": counter,
        "MeterStatus": 65_800 & ~0xFF | 0x08,
        "Value": value,
        "Scaler": -1,
        "Pagination": page,
        "SecondIndex": 74_650,
    }
    inner = "".join(f"<{key}>{field}</{key}>" for key, field in fields.items())
    return f"<{name}>{inner}</{name}>"


def mennekes(meter, *, begin=519_116, end=629_116, **more):
    """A charging process of 11 kWh in an hour; the fields of `more` are the end's."""
    key = meter.private.verifying_key.to_string().hex()
    return (
        f"<ChargingProcess><ServerId>{SERVER.hex()}</ServerId><PublicKey>{key}</PublicKey>"
        "<CustomerIdent>874AD0FE</CustomerIdent>"
        + measurement(meter, "MeasurementStart", value=begin, clock=START, page=25)
        + measurement(meter, "MeasurementEnd", **{"value": end, "clock": LATER, "page": 26} | more)
        + "</ChargingProcess>"
    )


def isa(meter, *, context=2, now=120_000, clock=LATER, page=24, **more):
    """An ISA-EDL40 record: a charge from 1 kWh on, whose clock is an hour ahead of UTC."""
    begin, server = more.get("begin", 10_000), bytes.fromhex("09014953410000000001")
    contract, name = bytes(range(128)), bytes.fromhex(f"81808162{context:02x}ff")
    inner = bytes(range(66))
    signed = struct.pack(
        "<10sIB6sBbq2s66s128sI20sB6sBbq6sI42x",
        server,
        clock + 3600,
        0x18,
        bytes.fromhex("0100010800ff"),
        30,
        -1,
        now,
        b"\0\xa4",
        inner,
        contract,
        START + 3600,
        bytes(range(20)),
        0x18,
        bytes.fromhex("010001080080"),
        30,
        -1,
        begin,
        name,
        page,
    )
    r, s = meter.sign(signed)

    def register(code, at, value, signature):
        return (
            bytes.fromhex(f"7707{code}690000040000000018726202")
            + b"\x65"
            + at.to_bytes(4)
            + bytes.fromhex("621e52ff59")
            + value.to_bytes(8, signed=True)
            + signature
        )

    entries = (
        bytes.fromhex("77078182815401ff010101 01") + octets(contract) + b"\x01",
        register("010001080080", START + 3600, begin, b"\x01"),
        bytes.fromhex("77078180c7f040ff0101010165") + page.to_bytes(4) + b"\x01",
        bytes.fromhex("77078180816101ff01010101") + octets(bytes(range(20))) + b"\x01",
        register("0100010800ff", clock + 3600, now, octets(inner)),
    )
    shown = b"\x72\x62\x03\x73\x65" + clock.to_bytes(4) + bytes.fromhex("53003c530000")
    body = (
        bytes.fromhex("7701")
        + octets(server)
        + octets(name)
        + shown
        + b"\x75"
        + b"".join(entries)
        + octets(r.to_bytes(32) + s.to_bytes(32) + b"\0\xa4")
        + b"\x01"
    )
    message = bytes.fromhex("760239620062007265 00000701") + body + bytes.fromhex("631df700")
    frame = message.replace(b"\x1b" * 4, b"\x1b" * 8)
    return b"\x1b" * 4 + b"\x01" * 4 + frame + b"\x1b" * 4 + b"\x1a\x00\xf3\xbd"


def pcdf(meter, **fields):
    """A PCDF record of 11 kWh in an hour."""
    stated = {
        "ST": "260301100000",
        "CT": "260301110000",
        "CD": "010000",
        "TV": "1",
        "BV": "1",
        "CSC": "7",
        "SP": "1",
        "RV": "0011.000*kWh",
        "SI": "55*1*tx-1",
        "CS": "513f627b",
        "HW": "12345678901",
        "DT": "0",
        "PK": meter.point.hex(),
    } | fields
    payload = "128.8.0" + "".join(f"({name}:{value})" for name, value in stated.items())
    return f"{payload}(SG:{write_signature(*meter.sign(payload.encode())).hex()})"
