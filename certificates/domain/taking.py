"""From whom a correction downwards takes, in which order."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pocket:
    """Wh of one asset in one account that may be taken; `source` is the rank's name."""

    source: str
    account: int
    asset: int
    lot: int
    holder: int
    amount_wh: int


@dataclass(frozen=True, slots=True)
class Rank:
    """Pockets that stand before those of the next rank: emptied in their order, or pro rata."""

    pockets: Sequence[Pocket]
    pro_rata: bool = False


def take(amount_wh: int, ranks: Sequence[Rank]) -> tuple[list[tuple[Pocket, int]], int]:
    """Wh taken from each pocket, and what nobody could give."""
    taken: list[tuple[Pocket, int]] = []
    left = amount_wh
    for rank in ranks:
        held = [pocket.amount_wh for pocket in rank.pockets]
        wanted = min(left, sum(held))
        parts = pro_rata(wanted, held) if rank.pro_rata else in_order(wanted, held)
        taken += [(pocket, wh) for pocket, wh in zip(rank.pockets, parts, strict=True) if wh]
        left -= wanted
    return taken, left


def in_order(amount_wh: int, held: Sequence[int]) -> list[int]:
    """Each gives all it has before the next gives anything."""
    parts = []
    for wh in held:
        part = min(amount_wh, wh)
        amount_wh -= part
        parts.append(part)
    return parts


def pro_rata(amount_wh: int, held: Sequence[int]) -> list[int]:
    """In proportion to what each holds, by largest remainder, ties to the earlier.

    Nobody gives more than they hold. Raises: ValueError when all together hold less.
    """
    whole = sum(held)
    if amount_wh > whole:
        raise ValueError(f"{amount_wh} Wh cannot be taken from {whole} Wh.")
    if not amount_wh:
        return [0] * len(held)
    parts = [amount_wh * wh // whole for wh in held]
    order = sorted(range(len(held)), key=lambda n: (-(amount_wh * held[n] % whole), n))
    for n in order[: amount_wh - sum(parts)]:
        parts[n] += 1
    return parts
