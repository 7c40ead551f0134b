"""Which held certificates are retired for which charge."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Open:
    """Wh of a charge for which nothing is retired yet."""

    charge: int
    span: Span
    amount_wh: int


@dataclass(frozen=True, slots=True)
class Held:
    """Wh of one asset and the interval in which they were made."""

    asset: int
    span: Span
    amount_wh: int


@dataclass(frozen=True, slots=True)
class Use:
    """Wh of an asset to be retired for a charge."""

    charge: int
    asset: int
    amount_wh: int


def fits(made: Span, charge: Span) -> bool:
    """Whether certificates were made within a charge's interval: neither earlier nor later,
    and not over a longer one, of which nobody knows when it was made."""
    return charge[0] <= made[0] and made[1] <= charge[1]


def fill(charges: Sequence[Open], held: Sequence[Held]) -> list[Use]:
    """Give each charge what was made in its interval, in the order given, no Wh twice."""
    left = {one.asset: one.amount_wh for one in held}
    by_start: dict[datetime, list[Held]] = {}
    for one in sorted(held, key=lambda one: one.span[0]):
        by_start.setdefault(one.span[0], []).append(one)
    starts = sorted(by_start)
    uses: list[Use] = []
    n = 0
    for charge in sorted(charges, key=lambda one: one.span):
        while n < len(starts) and starts[n] < charge.span[0]:
            n += 1
        wanted, at = charge.amount_wh, n
        while at < len(starts) and starts[at] < charge.span[1]:
            for one in by_start[starts[at]]:
                part = min(wanted, left[one.asset]) if fits(one.span, charge.span) else 0
                if part > 0:
                    uses.append(Use(charge.charge, one.asset, part))
                    left[one.asset] -= part
                    wanted -= part
            at += 1
    return uses
