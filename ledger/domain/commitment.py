"""A commitment to what a retirement was for: fields that can be disclosed one by one.

Each field is hashed with a salt of its own, derived from a person's key: who erases the key
erases the link between chain and person.
"""

import hashlib
import hmac
from collections.abc import Mapping
from functools import lru_cache

from ledger.domain.keccak import keccak256
from ledger.domain.merkle import merkle_root

FIELD = b"\x10"
KEY_BYTES = 32
# HMAC's inner and outer pads over the 64-byte block of SHA-256 (RFC 2104).
INNER = bytes(byte ^ 0x36 for byte in range(256))
OUTER = bytes(byte ^ 0x5C for byte in range(256))
MAX_NAME_BYTES = 255


def field_salt(key: bytes, reference: str, name: str) -> bytes:
    """HMAC-SHA256 over the retirement's key and the field's name (RFC 2104).

    Raises: ValueError when the key has not 32 bytes or the reference holds a NUL.
    """
    _check(key, reference)
    return hmac.digest(key, f"{reference}\0{name}".encode(), "sha256")


def _check(key: bytes, reference: str) -> None:
    if len(key) != KEY_BYTES:
        raise ValueError(f"a person's key has {KEY_BYTES} bytes")
    if "\0" in reference:
        raise ValueError("a retirement's key holds no NUL")


def field_digest(name: str, value: str, salt: bytes) -> bytes:
    """`keccak256(0x10 || salt:32 || len(name):1 || name || value)`, texts in UTF-8.

    Raises: ValueError when the name is empty or longer than 255 bytes, or the salt not 32.
    """
    if len(salt) != 32:
        raise ValueError("a salt has 32 bytes")
    return keccak256(FIELD + salt + _with_length(name) + value.encode())


@lru_cache(maxsize=256)
def _with_length(name: str) -> bytes:
    encoded = name.encode()
    if not 1 <= len(encoded) <= MAX_NAME_BYTES:
        raise ValueError(f"a field's name has 1 to {MAX_NAME_BYTES} bytes")
    return bytes([len(encoded)]) + encoded


def field_digests(fields: Mapping[str, str], key: bytes, reference: str) -> list[bytes]:
    """The sorted digests whose Merkle root is the commitment."""
    _check(key, reference)
    block = key.ljust(64, b"\0")
    # `field_salt` written out: what the names share is hashed once, a third of the time.
    inner = hashlib.sha256(block.translate(INNER) + reference.encode() + b"\0")
    outer = hashlib.sha256(block.translate(OUTER))
    digests = []
    for name, value in fields.items():
        salt, message = outer.copy(), inner.copy()
        message.update(name.encode())
        salt.update(message.digest())
        digests.append(keccak256(FIELD + salt.digest() + _with_length(name) + value.encode()))
    digests.sort()
    return digests


def commit(fields: Mapping[str, str], key: bytes, reference: str) -> bytes:
    """The 32 bytes that stand in a leaf for one retirement's fields.

    `key` is the person's 32 bytes, `reference` the retirement's idempotency key.
    Raises: ValueError when there is no field or one of the parts has the wrong size.
    """
    return merkle_root(field_digests(fields, key, reference))
