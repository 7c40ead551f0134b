"""The little of DER (X.690) that keys and signatures of meters need.

Lengths are held to the bytes that are there; nothing is read past them. Integers of a
signature are taken as unsigned, because at least one meter in the field leaves out the zero
byte that keeps DER's integers positive; the caller is told.
"""

from dataclasses import dataclass

SEQUENCE, INTEGER, BIT_STRING, OCTET_STRING, OBJECT = 0x30, 0x02, 0x03, 0x04, 0x06
EC_PUBLIC_KEY = "1.2.840.10045.2.1"
PRIME_FIELD = "1.2.840.10045.1.1"
LONGEST = 4096  # bytes; a public key has under 200, a signature under 150


class NotDer(ValueError):
    """The bytes are not the structure that they should be; the message says what is wrong."""


class TrailingBytes(NotDer):
    """The structure is whole, and something follows it."""


@dataclass(frozen=True, slots=True)
class Scalars:
    """r and s of a signature; `canonical` says whether they were written as DER asks."""

    r: int
    s: int
    canonical: bool


@dataclass(frozen=True, slots=True)
class Parameters:
    """A curve that is given by its parameters: y2 = x3 + ax + b modulo `prime`.

    `base` is encoded as SEC 1 does, compressed or not; `cofactor` is 1 where it is not said.
    """

    prime: int
    a: int
    b: int
    base: bytes
    order: int
    cofactor: int


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A point, and its curve by name (an object identifier) or by its parameters."""

    curve: str | Parameters
    point: bytes


def read_signature(data: bytes) -> Scalars:
    """ECDSA-Sig-Value (RFC 3279): a sequence of two integers.

    Raises: NotDer, TrailingBytes.
    """
    inner, rest = _take(data, SEQUENCE)
    if rest:
        raise TrailingBytes(f"{len(rest)} bytes follow the signature")
    first, more = _take(inner, INTEGER)
    second, rest = _take(more, INTEGER)
    if rest:
        raise TrailingBytes(f"{len(rest)} bytes follow the two numbers of the signature")
    if not first or not second:
        raise NotDer("a number of the signature has no digits")
    r, s = int.from_bytes(first), int.from_bytes(second)
    return Scalars(r, s, write_signature(r, s) == data)


def read_scalars(data: bytes, size: int) -> Scalars:
    """A signature in DER; or r and s of `size` bytes each without any, as one maker writes it.

    Raises: NotDer, TrailingBytes.
    """
    try:
        return read_signature(data)
    except NotDer:
        if len(data) != 2 * size:
            raise
    return Scalars(int.from_bytes(data[:size]), int.from_bytes(data[size:]), canonical=False)


def write_signature(r: int, s: int) -> bytes:
    """The same two numbers as DER asks for them."""
    body = b"".join(_wrap(INTEGER, _positive(number)) for number in (r, s))
    return _wrap(SEQUENCE, body)


def read_key(data: bytes) -> KeyInfo:
    """SubjectPublicKeyInfo (RFC 5480): the curve and the point.

    Raises: NotDer for anything else, such as an RSA key.
    """
    inner, rest = _take(data, SEQUENCE)
    if rest:
        raise TrailingBytes(f"{len(rest)} bytes follow the key")
    algorithm, more = _take(inner, SEQUENCE)
    kind, parameters = _take(algorithm, OBJECT)
    if _object(kind) != EC_PUBLIC_KEY:
        raise NotDer("the key is not one of an elliptic curve")
    bits, after = _take(more, BIT_STRING)
    if after or bits[:1] != b"\0":
        raise NotDer("the key has parts that it should not have")
    return KeyInfo(_curve(parameters), bits[1:])


def _curve(data: bytes) -> str | Parameters:
    """The curve by its name, or by what RFC 3279, section 2.3.5, calls ECParameters."""
    by_name = data[:1] == bytes((OBJECT,))
    content, rest = _take(data, OBJECT if by_name else SEQUENCE)
    if rest:
        raise NotDer("the key has parts that it should not have")
    return _object(content) if by_name else _parameters(content)


def _parameters(data: bytes) -> Parameters:
    """The seed and the hash that may be there say where the curve comes from, not which it is."""
    _version, data = _take(data, INTEGER)
    field, data = _take(data, SEQUENCE)
    kind, prime = _take(field, OBJECT)
    if _object(kind) != PRIME_FIELD:
        raise NotDer("the key's curve is not over a field of prime order")
    curve, data = _take(data, SEQUENCE)
    a, curve = _take(curve, OCTET_STRING)
    b, _seed = _take(curve, OCTET_STRING)
    base, data = _take(data, OCTET_STRING)
    order, data = _take(data, INTEGER)
    has_cofactor = data[:1] == bytes((INTEGER,))
    return Parameters(
        prime=int.from_bytes(_take(prime, INTEGER)[0]),
        a=int.from_bytes(a),
        b=int.from_bytes(b),
        base=base,
        order=int.from_bytes(order),
        cofactor=int.from_bytes(_take(data, INTEGER)[0]) if has_cofactor else 1,
    )


def _take(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of the first element, and what follows it."""
    if len(data) < 2 or len(data) > LONGEST:
        raise NotDer("the bytes end too early, or are far too many")
    if data[0] != tag:
        raise NotDer(f"expected an element {tag:#04x}, found {data[0]:#04x}")
    length, start = data[1], 2
    if length & 0x80:
        start += length & 0x7F
        if not 2 < start <= 4 or len(data) < start:
            raise NotDer("a length is longer than it may be")
        length = int.from_bytes(data[2:start])
    if len(data) < start + length:
        raise NotDer("the bytes end too early")
    return data[start : start + length], data[start + length :]


def _wrap(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    digits = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(digits))) + digits + content


def _positive(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1)


def _object(content: bytes) -> str:
    """An object identifier in dots (X.690, 8.19)."""
    numbers, value = [], 0
    for byte in content:
        value = (value << 7) | (byte & 0x7F)
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    if not numbers:
        return ""
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))
