"""Sharing a lot by standing agreements in parts per million."""

from collections.abc import Sequence
from datetime import datetime

WHOLE_PPM = 1_000_000


def shares(amount_wh: int, agreements: Sequence[tuple[int, int]], owner: int) -> dict[int, int]:
    """Wh for each account: floor(amount x ppm / 1,000,000) to each agreement's account,
    the remainder to the owner. Agreements are pairs (account, ppm); nobody gets 0 Wh.
    """
    given: dict[int, int] = {}
    rest = amount_wh
    for account, ppm in agreements:
        part = amount_wh * ppm // WHOLE_PPM
        rest -= part
        given[account] = given.get(account, 0) + part
    given[owner] = given.get(owner, 0) + rest
    return {account: wh for account, wh in given.items() if wh}


def highest_total(periods: Sequence[tuple[datetime, datetime | None, int]]) -> int:
    """The largest sum of ppm in force at any one instant.

    Periods are (starts_at, ends_at or None for open, ppm), half-open. It is enough to look
    at the starts: between them shares can only end.
    """
    return max(
        (
            sum(ppm for begin, end, ppm in periods if begin <= at and (end is None or at < end))
            for at, _, _ in periods
        ),
        default=0,
    )
