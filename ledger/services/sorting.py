"""Rows by the million in order, without the memory that holding them would take."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

PAGE_CACHE_KIB = 8_192  # also how much each of SQLite's sorts keeps before it goes to a file


@contextmanager
def sorting_on_disk() -> Iterator[None]:
    """Let SQLite sort in temporary files meanwhile; its settings here keep them in memory.

    PostgreSQL does so by itself. In an open transaction SQLite cannot change over, and nothing
    happens.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        (store,) = cursor.execute("PRAGMA temp_store").fetchone()
        (cache,) = cursor.execute("PRAGMA cache_size").fetchone()
        _set(cursor, "FILE", -PAGE_CACHE_KIB)
        try:
            yield
        finally:
            _set(cursor, store, cache)


def _set(cursor: object, temp_store: object, cache_size: int) -> None:
    cursor.execute(f"PRAGMA temp_store = {temp_store}")  # type: ignore[attr-defined]
    cursor.execute(f"PRAGMA cache_size = {cache_size}")  # type: ignore[attr-defined]
