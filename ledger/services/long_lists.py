"""Who is being sent a long list: one at a time for each, and few at once in a process.

A list that is being sent holds one of the web server's few threads for as long as the reader
takes, so that slow readers of long lists could hold up everyone. Short lists fit into what the
server and the network keep on the way, and need no turn.
"""

from collections.abc import Iterator
from threading import Condition
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

from ledger.domain import workbook
from ledger.errors import ExportRefused, ListsUnderWay

LONG = 10_000  # rows; fewer are a few megabytes at most, and gone at once
AT_ONCE = 2  # of the four threads of a web process (config.supervisor.plan)
WAIT_S = 1.0  # a list that its reader broke off is noticed within this
RETRY_S = 60
Piece = TypeVar("Piece")

_served: set[str] = set()
_changed = Condition()


class Turn(Generic[Piece]):
    """A long list on its way; its turn is over when it ends, fails or is closed."""

    def __init__(self, reader: str, pieces: Iterator[Piece]) -> None:
        """Raises: ListsUnderWay."""
        _take(reader)
        self._reader, self._pieces, self._is_over = reader, pieces, False

    def __iter__(self) -> "Turn[Piece]":
        return self

    def __next__(self) -> Piece:
        try:
            return next(self._pieces)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let the next have a turn."""
        if self._is_over:
            return
        self._is_over = True
        getattr(self._pieces, "close", lambda: None)()
        with _changed:
            _served.discard(self._reader)
            _changed.notify_all()


def in_turn(reader: str, rows: "QuerySet[Any, Any]", pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The pieces of a list of these rows; a long one takes the reader's turn.

    Raises: ListsUnderWay.
    """
    return Turn(reader, pieces) if has_more_than(rows, LONG) else pieces


def refuse_what_no_sheet_holds(rows: "QuerySet[Any, Any]") -> None:
    """Asked first, so that nobody waits for a million rows to be told that there are too many.

    Raises: ExportRefused.
    """
    if has_more_than(rows, workbook.MOST_ROWS):
        raise ExportRefused(
            f"A sheet holds {workbook.MOST_ROWS:,} rows, and there are more. Take the CSV file."
        )


def has_more_than(rows: "QuerySet[Any, Any]", count: int) -> bool:
    """Whether there are more rows than so many; no more are counted."""
    return bool(rows.order_by().values("pk")[: count + 1].count() > count)


def _take(reader: str) -> None:
    with _changed:
        _changed.wait_for(lambda: reader not in _served and len(_served) < AT_ONCE, WAIT_S)
        if reader in _served:
            raise ListsUnderWay(
                "A long list is on its way to you. When it has come, ask for the next one."
            )
        if len(_served) >= AT_ONCE:
            raise ListsUnderWay(
                "Others are being sent long lists. Ask for this one again in a minute."
            )
        _served.add(reader)
