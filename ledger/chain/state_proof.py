"""Reads what proves a block's content out of a store, without starting a machine.

Nodes lie in the store under their hash, so that what is read fits together whatever the
writer does meanwhile.
"""

from dataclasses import dataclass

from ledger.chain import layout
from ledger.chain.store import Store
from ledger.domain.keccak import keccak256
from ledger.domain.proof import trie
from ledger.domain.proof.block import Account, Header, parse_account, parse_header
from ledger.errors import ChainCorrupt, ChainMissing

SEAL_KEY = b"seal:"  # as the engine writes it; importing that would start the machine
WORD = 32


@dataclass(frozen=True, slots=True)
class SealedBlock:
    """A block's header and seal as bytes."""

    hash: bytes
    header: bytes
    seal: bytes

    @property
    def parsed(self) -> Header:
        return parse_header(self.header)


class StateReader:
    """The state after one sealed block."""

    def __init__(self, store: Store, block_hash: bytes) -> None:
        """Raises: ChainMissing when the store has no such block, ChainCorrupt."""
        self._store = store
        header, seal = store.get(block_hash), store.get(SEAL_KEY + block_hash)
        if header is None or seal is None:
            raise ChainMissing(f"The store has no sealed block 0x{block_hash.hex()}.")
        if keccak256(header) != block_hash:
            raise ChainCorrupt(f"The store alters the header of block 0x{block_hash.hex()}.")
        self.block = SealedBlock(block_hash, header, seal)

    def account(self, address: bytes) -> tuple[tuple[bytes, ...], Account]:
        """The nodes that prove an account, and the account. Raises: ChainCorrupt."""
        nodes, encoded = self._read(self.block.parsed.state_root, keccak256(address))
        return nodes, parse_account(encoded)

    def batch_root(self, contract: Account, sequence: int) -> tuple[bytes, ...]:
        """The nodes that prove the root of a settled batch. Raises: ChainCorrupt."""
        nodes, _ = self._read(contract.storage_root, layout.trie_key(layout.root_slot(sequence)))
        return nodes

    def batch_roots_address(self, certificates: bytes) -> bytes:
        """Where the batch roots are, from the certificate contract's own code.

        Raises: ChainCorrupt when there is no such code.
        """
        stated = layout.artefact(layout.CERTIFICATES)
        code = self._fetch(self.account(certificates)[1].code_hash)
        start = stated["runtime_size"] + stated["layout"]["code_layout"]["batchRoots"]["offset"]
        return code[start : start + WORD][-20:]

    def _read(self, root: bytes, key: bytes) -> tuple[tuple[bytes, ...], bytes]:
        try:
            return trie.read(self._fetch, root, key)
        except ValueError as error:
            raise ChainCorrupt(f"The store's state cannot be read: {error}.") from error

    def _fetch(self, digest: bytes) -> bytes:
        found = self._store.get(digest)
        if found is None:
            raise ChainCorrupt(f"The store lacks 0x{digest.hex()}, which its state names.")
        return found
