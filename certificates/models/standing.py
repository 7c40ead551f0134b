"""Rows that count only as long as their entry in the book stands."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from ledger.models import Entry


def entry_stands(path: str = "entry") -> Q:
    """The condition that the entry at `path` was not reversed.

    Whatever is undone before it is sent, and whatever the chain refuses, is reversed in the
    book in the same transaction: the reversal alone tells.
    """
    # Said twice, so that the database knows how few reversals there are among all entries.
    return ~Q(Exists(Entry.objects.filter(reverses=OuterRef(path), reverses__isnull=False)))


class StandingQuerySet(QuerySet[Any]):
    """Lots and retirements, each booked by one entry."""

    def standing(self) -> "StandingQuerySet":
        """Without those whose entry was undone, or refused by the chain."""
        return self.filter(entry_stands())
