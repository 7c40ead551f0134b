"""Accounts and storage after a block, with their Merkle proofs."""

from typing import Any

import rlp
from eth.abc import BlockHeaderAPI
from eth.constants import BLANK_ROOT_HASH, EMPTY_SHA3
from eth.rlp.accounts import Account
from trie import HexaryTrie

from ledger.chain.batched_trie import BatchedTrie
from ledger.domain.keccak import keccak256
from ledger.rpc.errors import invalid_params
from ledger.rpc.quantities import data, parse_address, parse_slot, quantity, word
from ledger.rpc.snapshot import Snapshot

PROOF_KEYS = 1024
DIGEST_BYTES = 32


def balance(chain: Snapshot, address: Any, block: Any = "latest") -> str:
    return quantity(_account(chain, parse_address(address), chain.require(block)).balance)


def nonce(chain: Snapshot, address: Any, block: Any = "latest") -> str:
    """Transactions of an address so far; `pending` counts those that wait for a block too."""
    sender = parse_address(address)
    sealed = _account(chain, sender, chain.require(block)).nonce
    waits = chain.waiting.count(sender, sealed) if block == "pending" and chain.waiting else 0
    return quantity(sealed + waits)


def code(chain: Snapshot, address: Any, block: Any = "latest") -> str:
    digest = _account(chain, parse_address(address), chain.require(block)).code_hash
    return data(b"" if digest == EMPTY_SHA3 else chain.engine.database[digest])


def storage(chain: Snapshot, address: Any, slot: Any, block: Any = "latest") -> str:
    where, key = parse_address(address), parse_slot(slot)
    return word(_stored(chain, _account(chain, where, chain.require(block)).storage_root, key))


def proof(chain: Snapshot, address: Any, slots: Any, block: Any = "latest") -> dict[str, Any]:
    """An account and some of its storage, provable against the block's state root (EIP-1186).

    Keys are answered in the form in which they were asked for, so that a caller finds its own.
    """
    where = parse_address(address)
    if not isinstance(slots, list):
        raise invalid_params("invalid argument 1: storage keys are a list")
    if len(slots) > PROOF_KEYS:
        raise invalid_params(f"invalid argument 1: at most {PROOF_KEYS} storage keys")
    keys = [parse_slot(slot) for slot in slots]
    header = chain.require(block)
    account = _account(chain, where, header)
    return {
        "address": data(where),
        "accountProof": _nodes(chain, header.state_root, keccak256(where)),
        "balance": quantity(account.balance),
        "codeHash": data(account.code_hash),
        "nonce": quantity(account.nonce),
        "storageHash": data(account.storage_root),
        "storageProof": [
            {
                "key": stated,
                "value": quantity(_stored(chain, account.storage_root, key)),
                "proof": _nodes(chain, account.storage_root, _hashed(key)),
            }
            for stated, key in zip(slots, keys, strict=True)
        ],
    }


def _account(chain: Snapshot, address: bytes, header: BlockHeaderAPI) -> Account:
    stored = BatchedTrie(chain.engine.database, header.state_root)[keccak256(address)]
    return rlp.decode(stored, sedes=Account) if stored else Account()


def _stored(chain: Snapshot, root: bytes, key: int) -> int:
    chain.deadline.check()
    stored = BatchedTrie(chain.engine.database, root)[_hashed(key)]
    return int.from_bytes(rlp.decode(stored), "big") if stored else 0


def _hashed(key: int) -> bytes:
    return keccak256(key.to_bytes(DIGEST_BYTES, "big"))


def _nodes(chain: Snapshot, root: bytes, key: bytes) -> list[str]:
    """The nodes from the root to a key, or to where it would be."""
    chain.deadline.check()
    if root == BLANK_ROOT_HASH:
        return []
    trie: Any = HexaryTrie(chain.engine.database, root)
    nodes = [rlp.encode(node) for node in trie.get_proof(key)]
    # A node shorter than its hash stands inside its parent already.
    return [data(node) for at, node in enumerate(nodes) if at == 0 or len(node) >= DIGEST_BYTES]
