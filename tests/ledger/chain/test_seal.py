"""Seals bind number, hash, chain and role; their form is canonical."""

import pytest
import rlp
from eth_keys.datatypes import PrivateKey

from ledger.chain import seal
from ledger.domain.keccak import keccak256

ORDER = 2 * seal.HALF_ORDER + 1
KEYS = [bytes([number]) * 32 for number in (1, 2, 3)]
FIELDS = {
    "chain_id": 202611,
    "genesis_hash": b"\x07" * 32,
    "role": seal.SEAL,
    "number": 5,
    "block_hash": b"\x09" * 32,
}
OTHERS = {
    "chain_id": 1,
    "genesis_hash": b"\x08" * 32,
    "role": seal.WITNESS,
    "number": 6,
    "block_hash": b"\x0a" * 32,
}
DIGEST = seal.seal_digest(**FIELDS)


def address(key: bytes) -> bytes:
    return bytes(PrivateKey(key).public_key.to_canonical_address())


def test_all_signers_are_found_in_ascending_order() -> None:
    signed = seal.sign(digest=DIGEST, private_keys=KEYS)
    assert seal.signers_of(digest=DIGEST, seal=signed) == sorted(map(address, KEYS))


def test_the_same_block_is_sealed_to_the_same_bytes() -> None:
    assert seal.sign(digest=DIGEST, private_keys=KEYS) == seal.sign(
        digest=DIGEST, private_keys=KEYS[::-1]
    )


@pytest.mark.parametrize("field", OTHERS)
def test_a_seal_is_worth_nothing_for_another(field: str) -> None:
    signed = seal.sign(digest=DIGEST, private_keys=KEYS[:1])
    other = seal.seal_digest(**FIELDS | {field: OTHERS[field]})
    assert other != DIGEST
    assert seal.signers_of(digest=other, seal=signed) != [address(KEYS[0])]


def test_the_digest_is_the_documented_one() -> None:
    domain = keccak256(
        b"REC-block-seal-v1" + (202611).to_bytes(32, "big") + b"\x07" * 32 + keccak256(b"SEAL")
    )
    assert keccak256(b"\x19\x01" + domain + (5).to_bytes(32, "big") + b"\x09" * 32) == DIGEST


def altered(signatures: list[bytes]) -> dict[str, bytes]:
    high = bytearray(signatures[0])
    high[32:64] = (ORDER - int.from_bytes(high[32:64], "big")).to_bytes(32, "big")
    high[64] ^= 1
    return {
        "a high s": rlp.encode([bytes(high)]),
        "two in the wrong order": rlp.encode(signatures[::-1]),
        "one twice": rlp.encode([signatures[0], signatures[0]]),
        "none": rlp.encode([]),
        "a short signature": rlp.encode([signatures[0][:-1]]),
        "no list": rlp.encode(signatures[0]),
        "rubbish": b"\xff\x00",
        "nothing": b"",
    }


@pytest.mark.parametrize("case", altered([bytes(65), bytes(65)]))
def test_what_is_not_canonical_is_no_seal(case: str) -> None:
    signatures = list(rlp.decode(seal.sign(digest=DIGEST, private_keys=KEYS[:2])))
    with pytest.raises(seal.SealError):
        seal.signers_of(digest=DIGEST, seal=altered(signatures)[case])


def test_the_genesis_has_no_seal_to_commit_to() -> None:
    assert seal.seal_commitment(None) == bytes(32)
    assert seal.seal_commitment(b"seal") == keccak256(b"seal")
