"""A commitment to what a retirement was for: fields that can be disclosed one by one.

A charge's fields are the same for all of its retirements, so they are hashed once, each with a
salt of its own. A retirement adds its interval under another salt: without it nobody can tell
that two commitments are of one charge. All salts come from a person's key: who erases the key
erases the link between chain and person.
"""

import hmac
from collections.abc import Mapping

from ledger.domain.keccak import keccak256
from ledger.domain.merkle import merkle_root

FIELD, COMMITMENT = b"\x10", b"\x11"
KEY_BYTES = SALT_BYTES = 32
MAX_NAME_BYTES = 255


def field_salt(key: bytes, reference: str, name: str) -> bytes:
    """HMAC-SHA256 over what the field is of and the field's name (RFC 2104).

    Raises: ValueError when the key has not 32 bytes or the reference holds a NUL.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"a person's key has {KEY_BYTES} bytes")
    if "\0" in reference:
        raise ValueError("a reference holds no NUL")
    return hmac.digest(key, f"{reference}\0{name}".encode(), "sha256")


def field_digest(name: str, value: str, salt: bytes) -> bytes:
    """`keccak256(0x10 || salt:32 || len(name):1 || name || value)`, texts in UTF-8.

    Raises: ValueError when the name is empty or longer than 255 bytes, or the salt not 32.
    """
    _check_salt(salt)
    encoded = name.encode()
    if not 1 <= len(encoded) <= MAX_NAME_BYTES:
        raise ValueError(f"a field's name has 1 to {MAX_NAME_BYTES} bytes")
    return keccak256(FIELD + salt + bytes([len(encoded)]) + encoded + value.encode())


def field_digests(fields: Mapping[str, str], key: bytes, reference: str) -> list[bytes]:
    """The sorted digests whose Merkle root stands for the fields; `reference` is the charge's."""
    return sorted(
        field_digest(name, value, field_salt(key, reference, name))
        for name, value in fields.items()
    )


def fields_root(fields: Mapping[str, str], key: bytes, reference: str) -> bytes:
    """The 32 bytes that stand for a charge's fields in each of its commitments.

    Raises: ValueError when there is no field or one of the parts has the wrong size.
    """
    return merkle_root(field_digests(fields, key, reference))


def commit(root: bytes, interval: str, salt: bytes) -> bytes:
    """The commitment in a leaf: `keccak256(0x11 || salt:32 || fields root:32 || interval)`.

    Raises: ValueError when root or salt has not 32 bytes.
    """
    _check_salt(salt)
    if len(root) != 32:
        raise ValueError("the root of a charge's fields has 32 bytes")
    return keccak256(COMMITMENT + salt + root + interval.encode())


def _check_salt(salt: bytes) -> None:
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
