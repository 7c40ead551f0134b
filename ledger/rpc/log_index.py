"""Where logs are, by address and topic: a file beside the chain, made from the chain alone.

`logs.sqlite3` holds no truth: it is caught up before it answers, begins again when it was
made of another chain, and may be deleted at any time. A term (an address or a topic at its
position, as 8 bytes of its hash) points at the transactions whose receipts hold it; the
receipts themselves stay in the chain's store, and are filtered again when they are read.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from ledger.rpc.receipts import Receipt

FILE_NAME = "logs.sqlite3"
INDEX_BITS = 20
TERM_BYTES = 8
SAMPLE = 1_000
SCHEMA = """
CREATE TABLE IF NOT EXISTS indexed (id INTEGER PRIMARY KEY, number INTEGER, hash BLOB);
CREATE TABLE IF NOT EXISTS receipts (place INTEGER PRIMARY KEY, first_log INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS postings (term INTEGER, place INTEGER, PRIMARY KEY (term, place))
    WITHOUT ROWID;
"""
VERSION = 1
FOUND = "SELECT place, first_log FROM receipts WHERE place BETWEEN ? AND ?"
POSTED = "SELECT place FROM postings AS found WHERE place BETWEEN ? AND ?"
BESIDE = "SELECT 1 FROM postings AS other WHERE other.place = found.place"
CACHE_KIB = 16_384


@dataclass(frozen=True, slots=True)
class Place:
    """A receipt with logs; `first_log` counts from the block's first log."""

    block: int
    transaction: int
    first_log: int


@dataclass(frozen=True, slots=True)
class IndexedBlock:
    """What the index takes of a block: the receipts in order."""

    number: int
    hash: bytes
    receipts: Sequence[Receipt]


def term(position: int, value: bytes) -> int:
    """A value at a position: 0 for the address, 1 to 4 for topics."""
    digest = blake2b(bytes([position]) + value, digest_size=TERM_BYTES).digest()
    return int.from_bytes(digest, "big", signed=True)


class LogIndex:
    """The index file of one chain. One user at a time; other processes may write it too."""

    def __init__(self, directory: Path) -> None:
        self._connection = sqlite3.connect(
            directory / FILE_NAME, isolation_level=None, timeout=20, check_same_thread=False
        )
        run = self._connection.execute
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = NORMAL")
        run(f"PRAGMA cache_size = -{CACHE_KIB}")
        if run("PRAGMA user_version").fetchone()[0] != VERSION:
            for table in ("indexed", "receipts", "postings"):
                run(f"DROP TABLE IF EXISTS {table}")
            self._connection.executescript(SCHEMA)
            run(f"PRAGMA user_version = {VERSION}")

    def last(self) -> tuple[int, bytes] | None:
        """Number and hash of the last block in the index."""
        row = self._connection.execute("SELECT number, hash FROM indexed").fetchone()
        return (row[0], row[1]) if row else None

    def extend(self, take: Callable[[tuple[int, bytes] | None], Sequence[IndexedBlock]]) -> int:
        """Add the blocks that `take(last)` gives, in one write; returns the number added.

        A first block of number 0 makes the index begin again.
        """
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            blocks = take(self.last())
            if blocks and blocks[0].number == 0:
                for table in ("indexed", "receipts", "postings"):
                    connection.execute(f"DELETE FROM {table}")  # noqa: S608
            for block in blocks:
                self._add(block)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        return len(blocks)

    def _add(self, block: IndexedBlock) -> None:
        first_log = 0
        places, postings = [], set()
        for index, receipt in enumerate(block.receipts):
            if receipt.logs:
                place = block.number << INDEX_BITS | index
                places.append((place, first_log))
                for address, topics, _ in receipt.logs:
                    postings.add((term(0, address), place))
                    postings.update((term(n, each), place) for n, each in enumerate(topics, 1))
            first_log += len(receipt.logs)
        run = self._connection.executemany
        run("INSERT INTO receipts VALUES (?, ?)", places)
        run("INSERT INTO postings VALUES (?, ?)", sorted(postings))
        self._connection.execute(
            "INSERT INTO indexed VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "number = excluded.number, hash = excluded.hash",
            (block.number, block.hash),
        )

    def search(self, terms: Sequence[Sequence[int]], first: int, last: int) -> Iterator[Place]:
        """Receipts of blocks first to last that may hold one term of every group, in order."""
        span = (first << INDEX_BITS, (last + 1 << INDEX_BITS) - 1)
        groups = sorted(terms, key=lambda group: self._weight(group, span))
        sql = FOUND
        if groups:
            sql = f"{FOUND} AND place IN ({POSTED} AND {_among(groups[0])}"
            for group in groups[1:]:
                sql += f" AND EXISTS ({BESIDE} AND {_among(group, 'other')})"
            sql += ")"
        values = [value for group in groups for value in group]
        for place, first_log in self._connection.execute(
            f"{sql} ORDER BY place", (*span, *span * bool(groups), *values)
        ):
            yield Place(place >> INDEX_BITS, place & (1 << INDEX_BITS) - 1, first_log)

    def _weight(self, group: Sequence[int], span: tuple[int, int]) -> int:
        """How many postings a group has, counted up to a limit."""
        counted = f"SELECT count(*) FROM ({POSTED} AND {_among(group)} LIMIT {SAMPLE})"  # noqa: S608
        row: tuple[int] = self._connection.execute(counted, (*span, *group)).fetchone()
        return row[0]

    def close(self) -> None:
        self._connection.close()


def _among(group: Sequence[int], table: str = "found") -> str:
    return f"{table}.term IN ({', '.join('?' * len(group))})"
