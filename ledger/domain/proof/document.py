"""The proof of a receipt: what the file says, before anything of it is believed.

Positions count from 0; quantities are whole Wh below 2^64; hashes have 32 bytes.
"""

from dataclasses import dataclass

FORMAT = "renewable-energy-registry/receipt-proof/2"
ROOTS_SLOT = 0  # where the contract of the batch roots keeps its mapping


@dataclass(frozen=True, slots=True)
class Field:
    """A disclosed field of the charge."""

    name: str
    value: str
    salt: bytes


@dataclass(frozen=True, slots=True)
class Charge:
    """What all opened retirements share; `hidden` are digests of fields that are not disclosed."""

    fields: tuple[Field, ...]
    hidden: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """What leads from the charge's fields to one commitment: the interval of use and a salt."""

    interval: str
    salt: bytes


@dataclass(frozen=True, slots=True)
class RetirementProof:
    """A leaf of an entry's sum tree. Without an opening the commitment discloses nothing.

    `entry` is a position in the proof's entries; `siblings` are (sum, hash) from the leaf
    upwards.
    """

    entry: int
    index: int
    amount: int
    commitment: bytes
    siblings: tuple[tuple[int, bytes], ...]
    opening: Opening | None


@dataclass(frozen=True, slots=True)
class EntryProof:
    """Retirements of one account in one asset; `batch` is a position in the proof's batches."""

    batch: int
    index: int
    account: bytes
    token_id: int
    from_renewable: int
    from_emissions: int
    amount: int
    count: int
    tree_root: bytes
    siblings: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class BatchProof:
    """A settled batch; `storage` are the trie's nodes that lead to its root in the state."""

    sequence: int
    root: bytes
    entry_count: int
    storage: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class BlockProof:
    """A block and the contract of the batch roots in its state.

    A block of a network of others has no seal of this registry's: it counts for whoever
    knows its hash.
    """

    hash: bytes
    header: bytes
    seal: bytes | None
    contract: bytes
    account: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """Everything that shows the retirements of one receipt, in one block's state."""

    chain_id: int
    genesis_hash: bytes
    block: BlockProof
    charge: Charge
    batches: tuple[BatchProof, ...]
    entries: tuple[EntryProof, ...]
    retirements: tuple[RetirementProof, ...]
