"""Opens the chain that the settings name."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from ledger.chain.keys import KeyRing
from ledger.chain.port import Chain
from ledger.errors import ChainMissing

if TYPE_CHECKING:
    from ledger.chain.verify import Report

STORE_NAME = "chain.sqlite3"
ADAPTERS = ("embedded", "foreign", "memory")
# Only a demo draws its keys here. Its passphrase is drawn at random too, so that guessing is
# no danger that many rounds of scrypt would slow down; they would cost seconds at each start.
DEMO_ITERATIONS = 1 << 12


def open_chain(*, writable: bool) -> Chain:
    """A chain at its newest block; the caller closes it (`with open_chain(...) as chain`).

    A reader serves one request or one thread. A writer takes the lock, and on the first
    start founds the chain and deploys the contracts.

    Raises: ChainBusy, ChainMissing, ChainCorrupt, ChainRejected, KeyUnavailable.
    """
    if settings.CHAIN_ADAPTER == "foreign":
        return _open_foreign(Path(settings.CHAIN_DIR), writable=writable)
    if settings.CHAIN_ADAPTER == "memory":
        from ledger.chain.memory import shared_chain

        return shared_chain(Path(settings.CHAIN_DIR), settings.CHAIN_ID, settings.REGISTRY_ID)
    if settings.CHAIN_ADAPTER != "embedded":
        raise ChainMissing(
            f"CHAIN_ADAPTER is {settings.CHAIN_ADAPTER!r}; use one of: {', '.join(ADAPTERS)}."
        )
    return _open_embedded(Path(settings.CHAIN_DIR), writable=writable)


def _open_embedded(directory: Path, *, writable: bool) -> Chain:
    from ledger.chain.embedded import EmbeddedChain, Identity, Writer
    from ledger.chain.store import SQLiteStore
    from ledger.chain.writer_lock import WriterLock

    writer = (
        Writer(lock=WriterLock(directory), keys=key_ring(), uri=metadata_uri())
        if writable
        else None
    )
    try:
        store = SQLiteStore(directory / STORE_NAME, writable=writable)
        identity = Identity(chain_id=settings.CHAIN_ID, registry_id=settings.REGISTRY_ID)
        return EmbeddedChain(store, identity, writer)
    except BaseException:
        if writer is not None:
            writer.lock.release()
        raise


def _open_foreign(directory: Path, *, writable: bool) -> Chain:
    from ledger.chain.foreign.chain import ForeignChain
    from ledger.chain.foreign.client import Node
    from ledger.chain.foreign.terms import terms_of
    from ledger.chain.writer_lock import WriterLock

    terms = terms_of(
        chain_id=settings.CHAIN_ID,
        registry_id=settings.REGISTRY_ID,
        directory=directory,
        depth=settings.LEDGER_CHAIN_DEPTH,
        fee_gwei=settings.LEDGER_CHAIN_FEE_GWEI,
        fee_cap_gwei=settings.LEDGER_CHAIN_FEE_CAP_GWEI,
    )
    node = Node(settings.LEDGER_CHAIN_URL)
    lock = WriterLock(directory) if writable else None
    try:
        return ForeignChain(node, replace(terms, uri=metadata_uri()), key_ring(), lock)
    except BaseException:
        node.close()
        if lock is not None:
            lock.release()
        raise


def metadata_uri() -> str:
    """Where clients find an asset's metadata (ERC-1155: they put its id in the place of {id})."""
    return f"{settings.PUBLIC_URL}/assets/{{id}}.json"


def key_ring() -> KeyRing:
    """The registry's keys, as the settings name them."""
    return KeyRing(
        Path(settings.KEYSTORE_DIR),
        passphrase=partial(str, settings.CHAIN_PASSPHRASE),
        create=settings.IS_DEMO,
        iterations=DEMO_ITERATIONS,
    )


def verify_stored_chain(*, progress: Callable[[int, int], None], stock: bool = False) -> "Report":
    """Re-execute the store that the settings name; `progress` gets (blocks done, in all).

    `stock` executes on py-evm's own machine.

    Raises: ChainMissing when there is no store; KeyUnavailable for a file that is no keystore.
    """
    from ledger.chain.store import SQLiteStore
    from ledger.chain.verify import verify

    store = SQLiteStore(Path(settings.CHAIN_DIR) / STORE_NAME, writable=False)
    try:
        return verify(
            store,
            chain_id=settings.CHAIN_ID,
            sealers=key_ring().sealers() or None,
            stock=stock,
            progress=progress,
        )
    finally:
        store.close()
