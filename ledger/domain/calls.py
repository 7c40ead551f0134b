"""What a batch asks of the certificate contract, and the facts that are read back from it.

Amounts are whole Wh, token ids their numbers, accounts the ids from which the contract
derives custody addresses.
"""

from dataclasses import dataclass
from uuid import UUID

MAX_LOTS = 256
MAX_SPLITS = 512
MAX_MOVES = 256
MAX_ITEMS = 256
MAX_ENTRIES = 256
MAX_LEAVES = 3_000
MAX_AMOUNT_WH = (1 << 40) - 1


@dataclass(frozen=True, slots=True)
class LotIssue:
    """A lot to be issued once; `token_id` bears the mask it starts with."""

    token_id: int
    total: int


@dataclass(frozen=True, slots=True)
class Split:
    """An account's part of a lot, named by its index in the same issue; in order of lots."""

    lot: int
    account: UUID
    amount: int


@dataclass(frozen=True, slots=True)
class Issue:
    """Lots with the parts they are split into; `data_root` is the root over `data_leaf`s."""

    lots: tuple[LotIssue, ...]
    splits: tuple[Split, ...]
    data_root: bytes


@dataclass(frozen=True, slots=True)
class TransferMove:
    source: UUID
    destination: UUID
    token_id: int
    amount: int


@dataclass(frozen=True, slots=True)
class Transfer:
    moves: tuple[TransferMove, ...]


@dataclass(frozen=True, slots=True)
class WithdrawItem:
    """Held Wh taken back by the issuer; `reason` 1 correction, 2 expiry."""

    account: UUID
    token_id: int
    amount: int
    reason: int


@dataclass(frozen=True, slots=True)
class Withdraw:
    items: tuple[WithdrawItem, ...]


@dataclass(frozen=True, slots=True)
class SettleEntry:
    """The retirements of one account in one asset: leaves of (amount, commitment).

    Who built their sum tree names its root, and gives the leaves in the tree's order, so that
    it need not be built again.
    """

    account: UUID
    token_id: int
    amount: int
    leaves: tuple[tuple[int, bytes], ...]
    tree_root: bytes | None = None


@dataclass(frozen=True, slots=True)
class Settle:
    """Entries strictly ascending by (account as a number, token id)."""

    entries: tuple[SettleEntry, ...]


Call = Issue | Transfer | Withdraw | Settle


@dataclass(frozen=True, slots=True)
class LotIssued:
    """`first_wh` is the device's Wh number at which the lot starts."""

    token_id: int
    first_wh: int
    total: int


@dataclass(frozen=True, slots=True)
class EntryRetired:
    """Where an entry's Wh numbers start, per attribute; 0 for one the asset does not carry."""

    position: int
    account_address: bytes
    token_id: int
    from_renewable: int
    from_emissions: int
    amount: int
    count: int
    tree_root: bytes


@dataclass(frozen=True, slots=True)
class BatchSettled:
    sequence: int
    root: bytes
    entry_count: int


Fact = LotIssued | EntryRetired | BatchSettled
