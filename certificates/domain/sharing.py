"""Sharing a lot by standing agreements: in parts per million, or Wh of each hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]
WHOLE_PPM = 1_000_000
MINUTES = 60  # in an hour


@dataclass(frozen=True, slots=True)
class Fixed:
    """Up to so many Wh of one interval for an account."""

    account: int
    most_wh: int


def shares(
    amount_wh: int,
    agreements: Sequence[tuple[int, int]],
    owner: int,
    fixed: Sequence[Fixed] = (),
    before_wh: int = 0,
) -> dict[int, int]:
    """Wh for each account, together the amount; nobody gets 0 Wh.

    Agreements are pairs (account, ppm) and get floor(amount x ppm / 1,000,000). Of what they
    leave the fixed ones take theirs in their order, and the owner keeps the rest.
    `before_wh` was issued of the same interval before: what fixed agreements had of it is
    not given again.
    """
    given: dict[int, int] = {}
    rest = amount_wh
    left_before = before_wh
    for account, ppm in agreements:
        part = amount_wh * ppm // WHOLE_PPM
        rest -= part
        left_before -= before_wh * ppm // WHOLE_PPM
        given[account] = given.get(account, 0) + part
    # The interval's Wh on a line: earlier lots lie before, each fixed agreement has a stretch.
    first, here = 0, (left_before, left_before + rest)
    for each in fixed:
        end = first + each.most_wh
        part = max(0, min(end, here[1]) - max(first, here[0]))
        rest -= part
        given[each.account] = given.get(each.account, 0) + part
        first = end
    given[owner] = given.get(owner, 0) + rest
    return {account: wh for account, wh in given.items() if wh}


def shares_of_many(
    amounts_wh: I64, agreements: Sequence[tuple[int, I64]], owners: I64
) -> dict[int, I64]:
    """As `shares` without fixed agreements, for many lots at once: Wh of each by account.

    Agreements are pairs (account, ppm of each lot), `owners` the account whose each lot is. Who
    gets nothing of a lot has 0 there.
    """
    whole, rest = np.divmod(amounts_wh, WHOLE_PPM)  # so that no product exceeds 64 bits
    given: dict[int, I64] = {}
    left = amounts_wh
    for account, ppm in agreements:
        part = whole * ppm + rest * ppm // WHOLE_PPM
        left = left - part
        given[account] = given[account] + part if account in given else part
    for owner in np.unique(owners).tolist():
        own = np.where(owners == owner, left, 0)
        given[owner] = given[owner] + own if owner in given else own
    return given


def entitlement(wh_per_hour: int, minutes: int) -> int:
    """Wh of one interval for Wh an hour, rounded down."""
    return wh_per_hour * minutes // MINUTES


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
