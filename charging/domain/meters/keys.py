"""Public keys of meters, in every way they are written in the field."""

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass

from charging.domain.meters.curves import BY_OID, CURVES, Curve, curve_with
from charging.domain.meters.der import SEQUENCE, NotDer, read_key
from charging.errors import UnreadableKey, UnsupportedKey

LONGEST = 4096  # characters
WRAPPINGS = 4  # a key in base64 in JSON in base64 is as deep as the field goes
_PEM = re.compile(r"-----BEGIN PUBLIC KEY-----(.*?)-----END PUBLIC KEY-----", re.DOTALL)
_OCA = re.compile(r"oca:(base16|base64):asn1:(.+)", re.DOTALL | re.IGNORECASE)
SHORT = 25  # bytes of a compressed point on a curve of 192 bits
_BASE32 = re.compile(r"[A-Z2-7]{40}")  # the 25 bytes of a compressed point on secp192r1
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A point on a named curve, encoded as SEC 1 does (compressed or not)."""

    curve: Curve
    point: bytes

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the curve's name and the compressed point, in hex; names a key."""
        point, size = self.point, self.curve.size
        if point[:1] == b"\x04":
            point = bytes((2 + (point[-1] & 1),)) + point[1 : 1 + size]
        return hashlib.sha256(self.curve.name.encode() + b":" + point).hexdigest()


def read_public_key(text: str, curve: Curve | None = None) -> PublicKey:
    """A key as PEM, hex, base64 (or Alfen's base32), of a SubjectPublicKeyInfo or a bare point.

    Also as OCPP wraps it: `oca:base16:asn1:...` (the Open Charge Alliance's note), base64 of
    hex (its example), base64 of `{"UK": ...}` (one maker). A bare point, with or without the
    byte that says how it is written, does not name its curve: that is `curve`, else the one
    that it lies on; one with a single coordinate is on secp192r1 by the only length that
    leaves no doubt.

    Raises: UnreadableKey, UnsupportedKey.
    """
    if len(text) > LONGEST:
        raise UnreadableKey(f"The public key has more than {LONGEST} characters.")
    for data in _decodings(text.strip(), WRAPPINGS):
        if curve and len(data) == 2 * curve.size:  # no other form is of this length
            return PublicKey(curve, b"\x04" + data)
        if curve is None and (found := _curve_under(data)):
            return PublicKey(found, b"\x04" + data)
        if data[:1] == bytes((SEQUENCE,)):
            return _from_info(data)
        if data[:1] in {b"\x02", b"\x03", b"\x04"}:
            return _from_point(data, curve)
    raise UnreadableKey(
        "The public key is neither PEM nor hex nor base64 of a key of an elliptic curve, nor a "
        "point of one that is verified here."
    )


def point_key(data: bytes, curve: Curve) -> PublicKey:
    """A bare point on a curve that is known. Raises: UnreadableKey."""
    return _from_point(data, curve)


def _decodings(text: str, wrappings: int) -> list[bytes]:
    """Every sensible reading of the text as bytes, most specific first."""
    if match := _PEM.search(text):
        return [_base64(match[1])]
    if match := _OCA.match(text):
        return [bytes.fromhex(match[2])] if _HEX.fullmatch(match[2]) else [_base64(match[2])]
    if text.startswith("{"):
        return _decodings(_inside_json(text), wrappings - 1) if wrappings else []
    joined = "".join(text.split()).removeprefix("0x")
    if _BASE32.fullmatch(joined):
        point = base64.b32decode(joined)
        if point[:1] in {b"\x02", b"\x03"}:
            return [point]
    found = [bytes.fromhex(joined)] if _HEX.fullmatch(joined) else []
    data = _base64(joined)
    inner = data.decode("ascii", "ignore") if data.isascii() else ""
    if inner.strip() and wrappings:
        found.extend(_decodings(inner.strip(), wrappings - 1))
    return [*found, data]


def _inside_json(text: str) -> str:
    """The key in `{"UK": "..."}` or `{"publicKey": "..."}`."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if isinstance(content, dict):
        for name in ("UK", "publicKey", "public_key"):
            if isinstance(content.get(name), str):
                return str(content[name])
    return ""


def _base64(text: str) -> bytes:
    joined = "".join(text.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(joined + "=" * (-len(joined) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _from_info(data: bytes) -> PublicKey:
    try:
        info = read_key(data)
    except NotDer as error:
        raise UnreadableKey(f"The public key cannot be read: {error}.") from error
    if isinstance(info.curve, str):
        curve, name = BY_OID.get(info.curve), info.curve
    else:
        curve, name = curve_with(info.curve), "given by its parameters"
    if curve is None:
        raise UnsupportedKey(f"The public key is on a curve ({name}) that is not verified here.")
    return _from_point(info.point, curve)


def _curve_under(coordinates: bytes) -> Curve | None:
    """The curve on which two coordinates lie; a point of one is never one of another by chance."""
    half = len(coordinates) // 2
    if len(coordinates) != 2 * half or half not in {curve.size for curve in CURVES.values()}:
        return None
    x, y = int.from_bytes(coordinates[:half]), int.from_bytes(coordinates[half:])
    on = (each for each in CURVES.values() if each.size == half)
    return next((each for each in on if each.foreign.curve.contains_point(x, y)), None)


def _from_point(point: bytes, curve: Curve | None) -> PublicKey:
    if curve is None:
        is_whole = point[:1] == b"\x04"
        curve = CURVES["secp192r1"] if len(point) == SHORT else None
        curve = _curve_under(point[1:]) if is_whole else curve
    if curve is None:
        raise UnreadableKey(
            "The public key is a bare point, of none of the curves that are verified here, or by "
            "one coordinate alone; say which curve it is on."
        )
    expected = 1 + curve.size * (2 if point[:1] == b"\x04" else 1)
    if point[:1] not in {b"\x02", b"\x03", b"\x04"} or len(point) != expected:
        raise UnreadableKey(f"The public key is not a point of {curve.name}.")
    return PublicKey(curve, point)
