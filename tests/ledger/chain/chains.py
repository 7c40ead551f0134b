"""Builders that the chain's tests share: chains in a directory, calls with plain numbers."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from ledger.chain.embedded import EmbeddedChain, Identity, Writer
from ledger.chain.engine import Engine
from ledger.chain.keys import KeyRing
from ledger.chain.store import SQLiteStore
from ledger.chain.writer_lock import WriterLock
from ledger.domain.calls import Issue, LotIssue, Settle, SettleEntry, Split
from ledger.domain.token_id import BOTH, PRODUCTION, TokenId

CHAIN_ID, REGISTRY_ID = 202611, 1
IDENTITY = Identity(chain_id=CHAIN_ID, registry_id=REGISTRY_ID)
ALICE, BOB = UUID(int=10), UUID(int=20)
DEVICE = 735999000000000017
# Later than any real clock these tests run under: block 1 bears the time of its creation.
NOON = datetime(2200, 1, 1, 12, tzinfo=UTC)


class Clock:
    """Gives every block a second of its own."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def key_ring(directory: Path, *, passphrase: str = "right", create: bool = True) -> KeyRing:
    return KeyRing(directory / "keys", passphrase=lambda: passphrase, create=create, iterations=1)


def open_writer(directory: Path) -> EmbeddedChain:
    writer = Writer(lock=WriterLock(directory), keys=key_ring(directory))
    return EmbeddedChain(SQLiteStore(directory / "chain.sqlite3", writable=True), IDENTITY, writer)


def open_reader(directory: Path) -> EmbeddedChain:
    return EmbeddedChain(SQLiteStore(directory / "chain.sqlite3", writable=False), IDENTITY)


def open_engine(directory: Path) -> Engine:
    """The bare machine over a chain's file."""
    return Engine(SQLiteStore(directory / "chain.sqlite3", writable=True), chain_id=CHAIN_ID)


def token(minute: int = 0, *, mask: int = BOTH, sequence: int = 0) -> int:
    """An hour's production of the one device."""
    return TokenId(PRODUCTION, DEVICE, minute, 60, sequence, mask).number


def issue(minute: int = 0, *, mask: int = BOTH, alice: int = 600, bob: int = 400) -> Issue:
    return Issue(
        lots=(LotIssue(token(minute, mask=mask), alice + bob),),
        splits=tuple(
            Split(0, account, amount) for account, amount in ((ALICE, alice), (BOB, bob)) if amount
        ),
        data_root=bytes(32),
    )


def retire(account: UUID, token_id: int, *amounts: int) -> SettleEntry:
    leaves = tuple((amount, bytes([index + 1]) * 32) for index, amount in enumerate(amounts))
    return SettleEntry(account, token_id, sum(amounts), leaves)


def settle(*entries: SettleEntry) -> Settle:
    return Settle(tuple(sorted(entries, key=lambda each: (each.account.int, each.token_id))))
