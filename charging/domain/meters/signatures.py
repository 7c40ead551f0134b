"""Whether a signature over some bytes was made with the private half of a key (ECDSA).

Both of the two values of s that verify are accepted: neither OCMF nor Alfen asks for the
lower one, and half of all meters' signatures have the higher. What identifies a record is
therefore its payload, never its signature.
"""

import hashlib
from functools import lru_cache

import ecdsa
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from charging.domain.meters.der import write_signature
from charging.domain.meters.keys import PublicKey
from charging.errors import UnreadableKey

HASHES: dict[str, hashes.HashAlgorithm] = {
    "SHA256": hashes.SHA256(),
    "SHA384": hashes.SHA384(),
    "SHA512": hashes.SHA512(),
}
KEPT = 4096  # keys whose points were already found to be on their curves


def holds(key: PublicKey, payload: bytes, hash_name: str, r: int, s: int) -> bool:
    """Verify (r, s) over exactly these bytes; `hash_name` is one of HASHES.

    Raises: UnreadableKey when the key's point is not on its curve.
    """
    order = int(key.curve.foreign.order)
    if not (0 < r < order and 0 < s < order):
        return False
    digest = hashlib.new(hash_name.lower(), payload).digest()
    loaded = _load(key)
    if isinstance(loaded, ec.EllipticCurvePublicKey):
        try:
            loaded.verify(write_signature(r, s), digest, ec.ECDSA(Prehashed(HASHES[hash_name])))
        except InvalidSignature:
            return False
        return True
    return _holds_by_hand(loaded, key.curve.foreign.generator, order, digest, r, s)


@lru_cache(maxsize=KEPT)
def _load(key: PublicKey) -> ec.EllipticCurvePublicKey | ecdsa.VerifyingKey:
    try:
        if key.curve.native is not None:
            return ec.EllipticCurvePublicKey.from_encoded_point(key.curve.native, key.point)
    except UnsupportedAlgorithm:
        pass  # built without this curve: the other library has it
    except ValueError as error:
        raise UnreadableKey(f"The public key is not a point of {key.curve.name}.") from error
    try:
        return ecdsa.VerifyingKey.from_string(key.point, curve=key.curve.foreign)
    except (ecdsa.keys.MalformedPointError, ValueError) as error:
        raise UnreadableKey(f"The public key is not a point of {key.curve.name}.") from error


def _holds_by_hand(
    key: ecdsa.VerifyingKey,
    base: ecdsa.ellipticcurve.PointJacobi,
    order: int,
    digest: bytes,
    r: int,
    s: int,
) -> bool:
    """SEC 1, 4.1.4. The library's own method stumbles over the point at infinity, which a
    hostile signer can bring about.
    """
    leftmost = int.from_bytes(digest[: (order.bit_length() + 7) // 8])
    inverse = pow(s, -1, order)
    point = base.mul_add(leftmost * inverse % order, key.pubkey.point, r * inverse % order)
    return point != ecdsa.ellipticcurve.INFINITY and int(point.x()) % order == r
