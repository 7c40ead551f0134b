"""Rows by the million in order, without the memory that holding them would take."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

PAGE_CACHE_KIB = 8_192  # also how much each of SQLite's sorts keeps before it goes to a file
MEANWHILE = {"temp_store": "FILE", "cache_size": -PAGE_CACHE_KIB, "mmap_size": 0}


@contextmanager
def sorting_on_disk() -> Iterator[None]:
    """Let SQLite sort in temporary files meanwhile; its settings here keep them in memory.

    PostgreSQL does so by itself. In an open transaction SQLite cannot change over, and nothing
    happens.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    before = {name: _pragma(name) for name in MEANWHILE}
    for name, value in MEANWHILE.items():
        _pragma(f"{name} = {value}")
    try:
        yield
    finally:
        for name, value in before.items():
            _pragma(f"{name} = {value}")


def _pragma(stated: str) -> object:
    with connection.cursor() as cursor:
        row = cursor.execute(f"PRAGMA {stated}").fetchone()
    return row[0] if row else None
