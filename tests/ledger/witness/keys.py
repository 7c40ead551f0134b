"""A witness' key for tests, and what it signs."""

from eth_keys.datatypes import PrivateKey

from ledger.chain.witness_mark import sign_block
from ledger.models import Block
from tests.ledger.chain.chains import CHAIN_ID

KEY, OTHER_KEY = b"\x07" * 32, b"\x08" * 32
HALF = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
ORDER = 2 * HALF + 1


def address_of(key: bytes) -> bytes:
    return PrivateKey(key).public_key.to_canonical_address()


def signature_of(block: Block, *, key: bytes = KEY, **changes: object) -> bytes:
    genesis = bytes(Block.objects.get(height=0).block_hash)
    facts = {
        "private_key": key,
        "chain_id": CHAIN_ID,
        "genesis_hash": genesis,
        "number": block.height,
        "block_hash": bytes(block.block_hash),
    }
    return sign_block(**facts | changes)


def with_high_s(signature: bytes) -> bytes:
    """The same signature in its other form, which anyone can make of it."""
    s = ORDER - int.from_bytes(signature[32:64], "big")
    return signature[:32] + s.to_bytes(32, "big") + bytes([signature[64] ^ 1])
