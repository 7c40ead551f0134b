"""Settling a loss interval: which charge each discharge came from, and what was lost.

Over a loss interval (EnergyTag, Granular Certificate Standard v2: losses are input less output
over a fixed interval, with the storage's own use) let

    available = stored before + charged      (Wh that went in)
    gone      = available - stored after
    efficiency = discharged / gone            (an exact ratio, never above 1)

Discharge n draws floor(gone x D(n) / D) - floor(gone x D(n - 1) / D) Wh of what went in, where
D(n) is the sum of the discharges up to n and D of all: together exactly `gone`. It draws from
charges that had ended when it began, by the method; where these hold less, it draws all of it.
What is drawn of one origin for one discharge comes back as floor(drawn x efficiency) Wh. What
that rounding leaves, and what was not drawn, is lost; the latter in proportion to what each
charge still holds. So for each charge

    charged = drawn + lost + stored,    given back <= drawn,

and nothing more comes out than went in: neither of a charge, nor of a discharge, nor of all.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from certificates.domain.storage.terms import FIFO, LIFO, WEIGHTED
from certificates.domain.taking import pro_rata
from certificates.errors import StorageUnbalanced

Span = tuple[datetime, datetime]


@dataclass(slots=True)
class Pot:
    """Wh that went in together and are of one origin.

    `charged` is the interval of the charge. `origin` is the key of what must not be mixed in
    one certificate, `None` where nothing was retired for the charge: that never comes out as a
    certificate. `key` is the caller's.
    """

    key: int
    charged: Span
    amount_wh: int
    origin: int | None = None
    drawn_wh: int = 0
    given_wh: int = 0
    lost_wh: int = 0

    @property
    def left_wh(self) -> int:
        """What is still stored."""
        return self.amount_wh - self.drawn_wh - self.lost_wh


@dataclass(frozen=True, slots=True)
class Outflow:
    """A discharge: Wh that the meter saw coming out in an interval."""

    key: int
    span: Span
    energy_wh: int


@dataclass(frozen=True, slots=True)
class Part:
    """What a discharge drew from a pot of known origin, and what of it is certified again."""

    outflow: int
    pot: int
    origin: int
    drawn_wh: int
    given_wh: int


@dataclass(slots=True)
class Closing:
    """A settled loss interval; `output_wh` / `gone_wh` is the efficiency."""

    available_wh: int
    output_wh: int
    stored_wh: int
    pots: Sequence[Pot]
    parts: list[Part] = field(default_factory=list)

    @property
    def gone_wh(self) -> int:
        """What went in and is not there any more."""
        return self.available_wh - self.stored_wh

    @property
    def given_wh(self) -> int:
        """What is certified again."""
        return sum(part.given_wh for part in self.parts)


def close(
    pots: Iterable[Pot], outflows: Iterable[Outflow], *, method: str, stored_wh: int
) -> Closing:
    """Settle a loss interval; the pots are filled in as they are drawn from.

    `stored_wh` is what is still stored at its end. Raises: StorageUnbalanced when more came
    out than can have been in.
    """
    filled = sorted(pots, key=lambda pot: (pot.charged, pot.key))
    ordered = sorted(outflows, key=lambda flow: (flow.span, flow.key))
    check_level(filled, ordered)
    closing = Closing(
        available_wh=sum(pot.amount_wh for pot in filled),
        output_wh=sum(flow.energy_wh for flow in ordered),
        stored_wh=stored_wh,
        pots=filled,
    )
    if closing.output_wh + stored_wh > closing.available_wh:
        raise StorageUnbalanced(
            f"{closing.output_wh} Wh came out and {stored_wh} Wh shall still be stored, but only "
            f"{closing.available_wh} Wh went in. State what is stored, or mend the records."
        )
    before = drawn = 0
    for flow in ordered:
        before += flow.energy_wh
        goal = closing.gone_wh * before // closing.output_wh
        _discharge(closing, flow, goal - drawn, method)
        drawn = goal
    surplus = sum(pot.left_wh for pot in filled) - stored_wh
    for pot, wh in zip(filled, pro_rata(surplus, [pot.left_wh for pot in filled]), strict=True):
        pot.lost_wh = wh
    return closing


def check_level(pots: Sequence[Pot], outflows: Sequence[Outflow]) -> None:
    """At no time may more have come out than charges that had begun brought in.

    Raises: StorageUnbalanced, naming the first discharge.
    """
    charged = sorted((pot.charged[0], pot.amount_wh) for pot in pots)
    brought = taken = n = 0
    for flow in sorted(outflows, key=lambda flow: flow.span[1]):
        while n < len(charged) and charged[n][0] < flow.span[1]:
            brought += charged[n][1]
            n += 1
        taken += flow.energy_wh
        if taken > brought:
            raise StorageUnbalanced(
                f"By {flow.span[1]:%Y-%m-%d %H:%M} UTC {taken} Wh had come out and only {brought} "
                "Wh had gone in. Send the charges that are missing, or mend the discharges."
            )


def _discharge(closing: Closing, flow: Outflow, wanted_wh: int, method: str) -> None:
    by_origin: dict[int, list[tuple[Pot, int]]] = defaultdict(list)
    for pot, wh in _draw(closing.pots, flow.span[0], wanted_wh, method):
        pot.drawn_wh += wh
        if pot.origin is not None:
            by_origin[pot.origin].append((pot, wh))
    for origin, drawn in by_origin.items():
        total = given = 0
        for pot, wh in drawn:
            total += wh
            goal = total * closing.output_wh // closing.gone_wh
            pot.given_wh += goal - given
            closing.parts.append(Part(flow.key, pot.key, origin, wh, goal - given))
            given = goal


def _draw(pots: Sequence[Pot], at: datetime, wanted_wh: int, method: str) -> list[tuple[Pot, int]]:
    """Wh drawn from each pot whose charge had ended by `at`; those of a charge in proportion."""
    open_ = [pot for pot in pots if pot.left_wh and pot.charged[1] <= at]
    if method == WEIGHTED:
        charges = [open_]
    else:
        charges = [list(same) for _, same in groupby(open_, key=lambda pot: pot.charged)]
        if method == LIFO:
            charges.reverse()
        elif method != FIFO:
            raise ValueError(f"{method!r} is no method of allocation")
    found: list[tuple[Pot, int]] = []
    for charge in charges:
        left = [pot.left_wh for pot in charge]
        part = min(wanted_wh, sum(left))
        taken = pro_rata(part, left)
        found += [(pot, wh) for pot, wh in zip(charge, taken, strict=True) if wh]
        wanted_wh -= part
        if not wanted_wh:
            break
    return found
