"""Moving many holdings at once: as many entries as a batch for the chain needs."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Q

from certificates.errors import TransferRefused
from certificates.models import LotAsset
from ledger.models import Entry, Posting
from ledger.services.book import Draft, Move, post_entries
from ledger.services.settlement.parcels import ITEMS_MOVES

MOVES = ITEMS_MOVES  # in one entry, so that each fits a batch for the chain
LOOK_UP = 500  # ids in one query


def moves_between(source: int, destination: int, amounts: Mapping[int, int]) -> list[Move]:
    """A move of each asset's Wh from one account to another, in the order of the assets."""
    return [Move(source, destination, asset, wh) for asset, wh in sorted(amounts.items())]


def post_moves(
    *, key: str, moves: Sequence[Move], now: datetime, kind: str = Entry.Kind.TRANSFER
) -> list[int]:
    """Post moves under one key, all or none; returns the ids of their entries.

    What does not fit one entry goes on under `key:2`, `key:3` and so on. Each part then
    carries the hash of the whole, so that the key stands for all of it.
    Raises: as `post_entries`.
    """
    parts = [moves[begin : begin + MOVES] for begin in range(0, len(moves), MOVES)]
    whole = _hash(moves) if len(parts) > 1 else b""
    drafts = [
        Draft(key if n == 1 else f"{key}:{n}", kind, part, whole)
        for n, part in enumerate(parts, start=1)
    ]
    return post_entries(drafts=drafts, now=now)


def moved_under(key: str) -> dict[int, int]:
    """Wh of each asset that were posted under a key and its parts."""
    entries = Entry.objects.filter(Q(key=key) | Q(key__startswith=f"{key}:"))
    moved = Posting.objects.filter(entry__in=entries)
    return dict(moved.order_by("asset").values_list("asset", "amount"))


def check_certificates(amounts: Mapping[int, int]) -> None:
    """Positive Wh of certificates and of nothing else. Raises: TransferRefused."""
    if not amounts or min(amounts.values()) <= 0:
        raise TransferRefused("Name at least one certificate and a positive amount of each.")
    assets = sorted(amounts)
    known = sum(
        LotAsset.objects.filter(asset__in=assets[begin : begin + LOOK_UP]).count()
        for begin in range(0, len(assets), LOOK_UP)
    )
    if known != len(assets):
        raise TransferRefused(f"{len(assets) - known} of the assets are no certificates.")


def _hash(moves: Sequence[Move]) -> bytes:
    text = ";".join(f"{m.source}>{m.destination}:{m.asset}={m.amount}" for m in moves)
    return hashlib.sha256(text.encode()).digest()
