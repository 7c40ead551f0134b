"""What a batch asks of the certificate contract, and the facts that are read back from it.

Amounts are whole Wh, token ids their numbers, accounts the ids from which the contract
derives custody addresses; an address of a holder's own has 20 bytes.
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
# Batches of one leaf that holders make themselves are numbered from here on.
HOLDERS_BATCHES = 1 << 62

Holder = UUID | bytes  # an account that the registry keeps, or an address of a holder's own


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


@dataclass(frozen=True, slots=True)
class Release:
    """Wh handed over from an account to an address of its holder's own."""

    account: UUID
    destination: bytes
    token_id: int
    amount: int


@dataclass(frozen=True, slots=True)
class WithdrawFrom:
    """Wh taken back by the issuer from an address of a holder's own; reasons as `WithdrawItem`."""

    owner: bytes
    token_id: int
    amount: int
    reason: int


@dataclass(frozen=True, slots=True)
class Unbundle:
    """Part the attributes of an account's Wh; `token_id` carries both."""

    account: UUID
    token_id: int
    amount: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """Join them again to `token_id`, which carries both."""

    account: UUID
    token_id: int
    amount: int


Call = Issue | Transfer | Withdraw | Settle | Release | WithdrawFrom | Unbundle | Bundle


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


@dataclass(frozen=True, slots=True)
class OwnMove:
    """A holder moved Wh between two addresses. `log_index` counts the logs of the block;
    `part` the assets of one log.
    """

    log_index: int
    part: int
    source: bytes
    destination: bytes
    token_id: int
    amount: int


@dataclass(frozen=True, slots=True)
class OwnRetirement:
    """A holder retired Wh: a batch of one entry and one leaf."""

    log_index: int
    retired: EntryRetired
    commitment: bytes
    batch: BatchSettled


OwnAct = OwnMove | OwnRetirement


@dataclass(frozen=True, slots=True)
class OwnTransaction:
    """A transaction that is no call of an operator's batch, as it ended in a block."""

    hash: bytes
    sender: bytes
    nonce: int
    raw: bytes
    success: bool
    reason: str
    acts: tuple[OwnAct, ...]
