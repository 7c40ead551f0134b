"""What is offered for a transaction (EIP-1559): a ladder of fees, climbed while it is stuck.

The rungs follow from the first alone, and with them the bytes and the hash of every
replacement: which one a block holds is found by asking for each, and nobody keeps a list.
"""

from dataclasses import dataclass
from decimal import Decimal

WEI_IN_GWEI = 10**9
# Pools take a replacement that offers 10 % more (geth, Besu, Nethermind); some want an eighth.
STEP_UP, STEP_DOWN = 5, 4
TIP_PART = 10  # one in so many of the fee is offered to the block's builder
# The base fee grows by an eighth a block at most (EIP-1559): doubled in six.
HEADROOM = 2
RUNGS = 64  # 5/4 to the 63rd is more than a million times the first


@dataclass(frozen=True, slots=True)
class Fee:
    """In wei per gas: at most this, of which at most `tip` above the base fee."""

    most: int
    tip: int


def ladder(first: int) -> list[Fee]:
    """All rungs from the first fee in wei; one alone where gas is free."""
    rungs, most = [], first
    for _ in range(RUNGS if first else 1):
        rungs.append(Fee(most, most // TIP_PART))
        most = -(-most * STEP_UP // STEP_DOWN)
    return rungs


def highest_rung(first: int, cap: int) -> int:
    """The last rung that stays within the cap; the first counts as allowed."""
    return max((n for n, fee in enumerate(ladder(first)) if fee.most <= cap), default=0)


def rung_for(first: int, cap: int, base_fee: int) -> int:
    """The lowest rung that outlasts six full blocks, or the highest that the cap allows."""
    wanted = HEADROOM * base_fee
    enough = [n for n, fee in enumerate(ladder(first)) if fee.most - fee.tip >= wanted]
    return min(enough[0] if enough else RUNGS, highest_rung(first, cap))


def wei(gwei: str) -> int:
    """Whole wei of a decimal text in gwei. Raises: ValueError."""
    try:
        amount = Decimal(gwei) * WEI_IN_GWEI
    except ArithmeticError as error:
        raise ValueError(f"{gwei!r} is no number of gwei") from error
    if not amount.is_finite() or amount < 0 or amount != int(amount):
        raise ValueError(f"{gwei!r} is no whole number of wei")
    return int(amount)
