"""A witness' signature of one block: what is signed, and by whom it was."""

from eth_keys.datatypes import PrivateKey, Signature

from ledger.chain import seal
from ledger.errors import WitnessSignatureInvalid

SIGNATURE_BYTES = 65


def sign_block(
    *, private_key: bytes, chain_id: int, genesis_hash: bytes, number: int, block_hash: bytes
) -> bytes:
    """65 bytes r || s || v (0 or 1); the same block gives the same bytes (RFC 6979)."""
    digest = seal.seal_digest(
        chain_id=chain_id,
        genesis_hash=genesis_hash,
        role=seal.WITNESS,
        number=number,
        block_hash=block_hash,
    )
    return bytes(PrivateKey(private_key).sign_msg_hash(digest).to_bytes())


def signer_of(
    *, signature: bytes, chain_id: int, genesis_hash: bytes, number: int, block_hash: bytes
) -> bytes:
    """The address that signed this block as a witness.

    Raises: WitnessSignatureInvalid for another length, a high s, or bytes that are none.
    """
    digest = seal.seal_digest(
        chain_id=chain_id,
        genesis_hash=genesis_hash,
        role=seal.WITNESS,
        number=number,
        block_hash=block_hash,
    )
    if len(signature) != SIGNATURE_BYTES:
        raise WitnessSignatureInvalid(f"A signature has {SIGNATURE_BYTES} bytes.")
    try:
        read = Signature(signature)
        address: bytes = read.recover_public_key_from_msg_hash(digest).to_canonical_address()
    except Exception as error:
        raise WitnessSignatureInvalid(f"The signature cannot be read: {error}") from error
    if read.s > seal.HALF_ORDER:
        raise WitnessSignatureInvalid("The signature has a high s.")
    return address
