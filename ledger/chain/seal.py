"""Seals: signatures of the authority over a block's number and hash.

A seal can never pass for a transaction, a typed message of a wallet, or a seal of another
chain or role: the digest starts with 0x1901 and a domain of its own.
"""

from collections.abc import Sequence

import rlp
from eth_keys.datatypes import PrivateKey, Signature

from ledger.domain.keccak import keccak256

SEAL = b"SEAL"
WITNESS = b"WITNESS"
DOMAIN = b"REC-block-seal-v1"
HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
NO_SEAL = bytes(32)


class SealError(ValueError):
    """A seal that does not parse, is not in order, or is not canonical."""


def seal_digest(
    *, chain_id: int, genesis_hash: bytes, role: bytes, number: int, block_hash: bytes
) -> bytes:
    """What a sealer or witness signs.

    keccak256(0x1901 || domain || number:32 || block hash:32), where the domain is
    keccak256("REC-block-seal-v1" || chain id:32 || genesis hash:32 || keccak256(role)).
    """
    domain = keccak256(DOMAIN + chain_id.to_bytes(32, "big") + genesis_hash + keccak256(role))
    return keccak256(b"\x19\x01" + domain + number.to_bytes(32, "big") + block_hash)


def sign(*, digest: bytes, private_keys: Sequence[bytes]) -> bytes:
    """RLP list of the 65-byte signatures, sorted by signer; `parent_seal` commits to it."""
    signers = sorted(
        (PrivateKey(key) for key in private_keys),
        key=lambda signer: signer.public_key.to_canonical_address(),
    )
    return bytes(rlp.encode([signer.sign_msg_hash(digest).to_bytes() for signer in signers]))


def signers_of(*, digest: bytes, seal: bytes) -> list[bytes]:
    """The addresses that signed, ascending.

    Raises: SealError for a high s, a duplicate, another order, or anything that is no seal.
    """
    try:
        signatures = [Signature(raw) for raw in rlp.decode(seal)]
        signers = [
            each.recover_public_key_from_msg_hash(digest).to_canonical_address()
            for each in signatures
        ]
    except Exception as error:
        raise SealError(f"The seal cannot be read: {error}") from error
    if any(each.s > HALF_ORDER for each in signatures):
        raise SealError("The seal holds a signature with a high s.")
    if not signers or signers != sorted(set(signers)):
        raise SealError("The seal's signers are not sorted, or one signed twice.")
    return signers


def seal_commitment(seal: bytes | None) -> bytes:
    """What header n + 1 says of the seal of block n: its hash, or zero for the genesis."""
    return NO_SEAL if seal is None else keccak256(seal)
