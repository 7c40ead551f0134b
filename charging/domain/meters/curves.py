"""The elliptic curves that charging meters sign on, and who verifies them for us.

Names and object identifiers: SEC 2 (secp), RFC 5639 (brainpool), OCMF 1.4 section 4.
"""

from dataclasses import dataclass

import ecdsa
from cryptography.hazmat.primitives.asymmetric import ec
from ecdsa.curves import Curve as ForeignCurve

from charging.domain.meters.der import Parameters


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A curve, one object for each: `native` where cryptography has it, `foreign` as ecdsa does.

    `size` is the length of a coordinate in bytes.
    """

    name: str
    oid: str
    size: int
    native: ec.EllipticCurve | None
    foreign: ForeignCurve


def _secp192k1() -> ForeignCurve:
    """SEC 2 version 1.0, section 2.5.1: a curve that no library here brings along."""
    prime = 2**192 - 2**32 - 0x11C9
    field = ecdsa.ellipticcurve.CurveFp(prime, 0, 3, 1)
    base = ecdsa.ellipticcurve.PointJacobi(
        field,
        0xDB4FF10EC057E9AE26B07D0280B7F4341DA5D1B1EAE06C7D,
        0x9B2F2F6D9C5628A7844163D015BE86344082AA88D95E2F9D,
        1,
        0xFFFFFFFFFFFFFFFFFFFFFFFE26F2FC170F69466A74DEFD8D,
        generator=True,
    )
    return ForeignCurve("SECP192k1", field, base, (1, 3, 132, 0, 31), "secp192k1")


_TABLE = (
    ("secp192r1", "1.2.840.10045.3.1.1", 24, ec.SECP192R1(), ecdsa.NIST192p),
    ("secp192k1", "1.3.132.0.31", 24, None, _secp192k1()),
    ("secp224r1", "1.3.132.0.33", 28, ec.SECP224R1(), ecdsa.NIST224p),
    ("secp256r1", "1.2.840.10045.3.1.7", 32, ec.SECP256R1(), ecdsa.NIST256p),
    ("secp256k1", "1.3.132.0.10", 32, ec.SECP256K1(), ecdsa.SECP256k1),
    ("secp384r1", "1.3.132.0.34", 48, ec.SECP384R1(), ecdsa.NIST384p),
    ("secp521r1", "1.3.132.0.35", 66, ec.SECP521R1(), ecdsa.NIST521p),
    ("brainpoolP192r1", "1.3.36.3.3.2.8.1.1.3", 24, None, ecdsa.BRAINPOOLP192r1),
    ("brainpoolP224r1", "1.3.36.3.3.2.8.1.1.5", 28, None, ecdsa.BRAINPOOLP224r1),
    ("brainpoolP256r1", "1.3.36.3.3.2.8.1.1.7", 32, ec.BrainpoolP256R1(), ecdsa.BRAINPOOLP256r1),
    ("brainpoolP320r1", "1.3.36.3.3.2.8.1.1.9", 40, None, ecdsa.BRAINPOOLP320r1),
    ("brainpoolP384r1", "1.3.36.3.3.2.8.1.1.11", 48, ec.BrainpoolP384R1(), ecdsa.BRAINPOOLP384r1),
    ("brainpoolP512r1", "1.3.36.3.3.2.8.1.1.13", 64, ec.BrainpoolP512R1(), ecdsa.BRAINPOOLP512r1),
)
CURVES = {name: Curve(name, *rest) for name, *rest in _TABLE}
BY_OID = {curve.oid: curve for curve in CURVES.values()}


def _plain(name: str) -> str:
    bare = "".join(each for each in name.lower() if each not in "-_ ")
    return bare.replace("brainpoolp", "brainpool").removeprefix("nist")


_SPELLINGS = {_plain(name): curve for name, curve in CURVES.items()} | {
    "prime192v1": CURVES["secp192r1"],
    "prime256v1": CURVES["secp256r1"],
    "prime384v1": CURVES["secp384r1"],  # as OCMF's table has it, though X9.62 does not
    "p192": CURVES["secp192r1"],
    "p224": CURVES["secp224r1"],
    "p256": CURVES["secp256r1"],
    "p384": CURVES["secp384r1"],
    "p521": CURVES["secp521r1"],
}


def curve_named(name: str) -> Curve | None:
    """The curve of that name, however it is spelt; none for one that nobody here verifies."""
    return _SPELLINGS.get(_plain(name))


def curve_with(given: Parameters) -> Curve | None:
    """The curve that has all of these parameters; none where a single one is another's.

    All of them: who may choose the base point of a known curve can sign for any key on it.
    """
    return next((each for each in CURVES.values() if _is(each, given)), None)


def _is(curve: Curve, given: Parameters) -> bool:
    field, base = curve.foreign.curve, curve.foreign.generator
    prime, x, y = int(field.p()), int(base.x()), int(base.y())
    coordinate = x.to_bytes(curve.size)
    points = (b"\x04" + coordinate + y.to_bytes(curve.size), bytes((2 + y % 2,)) + coordinate)
    return (
        given.prime == prime
        and given.a == int(field.a()) % prime
        and given.b == int(field.b()) % prime
        and given.base in points
        and given.order == int(curve.foreign.order)
        and given.cofactor == 1
    )
