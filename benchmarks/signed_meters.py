"""Signed meter values verified, from the text of a record to its verdict, on one core.

Each record is another one, signed by one of a hundred meters whose keys are registered, so
that nothing but the keys can be remembered from one to the next.
"""

import hashlib
import json
from collections.abc import Iterator

import ecdsa

from benchmarks.figures import SCALES, Row, measured, show
from charging.domain.meters.curves import CURVES
from charging.domain.meters.der import write_signature
from charging.domain.meters.key_registry import KeyRegistry, MeterKey
from charging.domain.meters.keys import PublicKey
from charging.domain.meters.verification import verify_message

METERS = 100
UNIT = 200  # records at the smallest size
FEW = 20  # for curves verified in Python
GOAL = 1000  # a second and core: 2,000 on two


def main() -> None:
    """Print verifications a second for each size, then for the other curves."""
    show(figures())


def figures() -> Iterator[Row]:
    """The rows, as they are measured."""
    for scale in SCALES:
        yield _row("secp256r1", UNIT * scale, scale, GOAL)
    for curve in ("secp192r1", "secp256k1", "secp384r1", "brainpoolP256r1"):
        yield _row(curve, UNIT, 1, None)
    for curve in ("secp192k1", "brainpoolP320r1"):
        yield _row(curve, FEW, 1, None)


def _row(curve: str, count: int, scale: int, goal: int | None) -> Row:
    records, keys = made(curve, count)
    with measured() as reading:
        states = {verify_message(record, keys).proves_energy for record in records}
    if states != {True}:
        raise RuntimeError(f"a record on {curve} was not verified")
    return Row(f"OCMF on {curve}", scale, count, reading, goal)


def made(curve: str, count: int) -> tuple[list[bytes], KeyRegistry]:
    """Records of one charge each, and the registry that knows their meters."""
    foreign = CURVES[curve].foreign
    private = [
        ecdsa.SigningKey.from_secret_exponent(seed + 1000, curve=foreign)
        for seed in range(min(METERS, count))
    ]
    keys = [
        MeterKey(
            f"M-{number}",
            PublicKey(CURVES[curve], key.verifying_key.to_string("uncompressed")),
        )
        for number, key in enumerate(private)
    ]
    records = [_record(private[n % len(private)], n % len(private), n, curve) for n in range(count)]
    return records, KeyRegistry(keys)


def _record(key: ecdsa.SigningKey, meter: int, number: int, curve: str) -> bytes:
    register = {"RI": "1-0:1.8.0", "RU": "kWh", "ST": "G"}
    payload = json.dumps(
        {
            "FV": "1.0",
            "GS": f"M-{meter}",
            "MS": f"M-{meter}",
            "PG": f"T{number + 1}",
            "IS": True,
            "IL": "VERIFIED",
            "IT": "ISO14443",
            "ID": "04A1B2C3",
            "RD": [
                {"TM": "2026-03-01T10:00:00,000+0000 S", "TX": "B", "RV": number / 8} | register,
                {"TM": "2026-03-01T11:00:00,000+0000 S", "TX": "E", "RV": number / 8 + 11}
                | register,
            ],
        }
    )
    digest = hashlib.sha256(payload.encode()).digest()
    r, s = key.sign_digest(digest, sigencode=lambda r, s, _: (r, s), allow_truncate=True)
    signature = {"SA": f"ECDSA-{curve}-SHA256", "SD": write_signature(r, s).hex()}
    return f"OCMF|{payload}|{json.dumps(signature)}".encode()


if __name__ == "__main__":
    main()
