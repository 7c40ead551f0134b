"""Whose turn it is to write the chain: one process, by two locks."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from ledger.chain import open_chain
from ledger.chain.port import Chain
from ledger.errors import ChainBusy

ADVISORY_LOCK = 0x52454331  # "REC1": the same for every process of one database


@contextmanager
def writer_turn() -> Iterator[Chain]:
    """The writable chain, held by a lock on its file and, on PostgreSQL, one in the database.

    Raises: ChainBusy when another process writes.
    """
    with open_chain(writable=True) as chain:
        if connection.vendor != "postgresql":
            yield chain
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK])
            if not cursor.fetchone()[0]:
                raise ChainBusy("Another process writes this registry's chain.")
        try:
            yield chain
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
