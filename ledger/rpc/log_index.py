"""Where logs are, by address and topic: a file beside the chain, made from the chain alone.

`logs.sqlite3` holds no truth: it is caught up before it answers, begins again when it was
made of another chain, and may be deleted at any time. A term (an address or a topic at its
position, as 8 bytes of its hash) points at the transactions whose receipts hold it; the
receipts themselves stay in the chain's store, and are filtered again when they are read.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

from ledger.rpc.receipts import Receipt

FILE_NAME = "logs.sqlite3"
INDEX_BITS = 20  # of a place, below the block number
TERM_BYTES = 8
SAMPLE = 1_000
SCHEMA = """
CREATE TABLE IF NOT EXISTS blocks (
    number INTEGER PRIMARY KEY, hash BLOB, timestamp INTEGER, receipt_root BLOB);
CREATE TABLE IF NOT EXISTS receipts (place INTEGER PRIMARY KEY, first_log INTEGER, hash BLOB);
CREATE TABLE IF NOT EXISTS postings (term INTEGER, place INTEGER, PRIMARY KEY (term, place))
    WITHOUT ROWID;
"""
TABLES = ("blocks", "receipts", "postings")
VERSION = 1
FOUND = """SELECT blocks.*, place, first_log, receipts.hash FROM receipts
    JOIN blocks ON blocks.number = place >> 20 WHERE place BETWEEN ? AND ?"""
POSTED = "SELECT place FROM postings AS found WHERE place BETWEEN ? AND ?"
BESIDE = "SELECT 1 FROM postings AS other WHERE other.place = found.place"
CACHE_KIB = 16_384


@dataclass(frozen=True, slots=True)
class Place:
    """A receipt with logs; `first_log` counts from the block's first log."""

    block: "Block"
    index: int
    first_log: int
    transaction_hash: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """What is said of the block with each of its logs, and where its receipts are."""

    number: int
    hash: bytes
    timestamp: int
    receipt_root: bytes


@dataclass(frozen=True, slots=True)
class Content:
    """A block with its transactions' hashes and receipts, in order."""

    block: Block
    receipts: Sequence[tuple[bytes, Receipt]]


def term(position: int, value: bytes) -> int:
    """A value at a position: 0 for the address, 1 to 4 for topics."""
    digest = blake2b(bytes([position]) + value, digest_size=TERM_BYTES).digest()
    return int.from_bytes(digest, "big", signed=True)


class LogIndex:
    """The index file of one chain. One user at a time; other processes may write it too."""

    def __init__(self, directory: Path) -> None:
        """Opens nothing yet: whoever asks for no logs must not fail by the index."""
        self._path = directory / FILE_NAME

    @cached_property
    def _connection(self) -> sqlite3.Connection:
        opened = sqlite3.connect(
            self._path, isolation_level=None, timeout=20, check_same_thread=False
        )
        try:
            opened.execute("PRAGMA journal_mode = WAL")
            opened.execute("PRAGMA synchronous = NORMAL")
            opened.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            if opened.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                for table in TABLES:
                    opened.execute(f"DROP TABLE IF EXISTS {table}")
                opened.executescript(SCHEMA)
                opened.execute(f"PRAGMA user_version = {VERSION}")
        except sqlite3.Error:
            opened.close()
            raise
        return opened

    @contextmanager
    def reading(self) -> Iterator[None]:
        """What is read inside comes from one state of the index, whoever writes meanwhile."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("COMMIT")

    def last(self) -> tuple[int, bytes] | None:
        """Number and hash of the last block in the index."""
        row = self._connection.execute(
            "SELECT number, hash FROM blocks ORDER BY number DESC LIMIT 1"
        ).fetchone()
        return (row[0], row[1]) if row else None

    def extend(self, take: Callable[[tuple[int, bytes] | None], Sequence[Content]]) -> int:
        """Add the blocks that `take(last)` gives, in one write; returns the number added.

        A first block of number 0 makes the index begin again.
        """
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            blocks = take(self.last())
            if blocks and blocks[0].block.number == 0:
                for table in TABLES:
                    connection.execute(f"DELETE FROM {table}")  # noqa: S608
            for content in blocks:
                self._add(content)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        return len(blocks)

    def _add(self, content: Content) -> None:
        first_log, block = 0, content.block
        places, postings = [], set()
        for index, (digest, receipt) in enumerate(content.receipts):
            if receipt.logs:
                place = block.number << INDEX_BITS | index
                places.append((place, first_log, digest))
                for address, topics, _ in receipt.logs:
                    postings.add((term(0, address), place))
                    postings.update((term(n, each), place) for n, each in enumerate(topics, 1))
            first_log += len(receipt.logs)
        run = self._connection.executemany
        run("INSERT INTO receipts VALUES (?, ?, ?)", places)
        run("INSERT INTO postings VALUES (?, ?)", sorted(postings))
        run("INSERT INTO blocks VALUES (?, ?, ?, ?)", [astuple(block)])

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
        rows = self._connection.execute(
            f"{sql} ORDER BY place", (*span, *span * bool(groups), *values)
        )
        for *block, place, first_log, digest in rows:
            yield Place(Block(*block), place & (1 << INDEX_BITS) - 1, first_log, digest)

    def _weight(self, group: Sequence[int], span: tuple[int, int]) -> int:
        """How many postings a group has, counted up to a limit."""
        counted = f"SELECT count(*) FROM ({POSTED} AND {_among(group)} LIMIT {SAMPLE})"  # noqa: S608
        row: tuple[int] = self._connection.execute(counted, (*span, *group)).fetchone()
        return row[0]

    def close(self) -> None:
        if "_connection" in self.__dict__:
            self._connection.close()


def _among(group: Sequence[int], table: str = "found") -> str:
    return f"{table}.term IN ({', '.join('?' * len(group))})"
