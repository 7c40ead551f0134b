"""What went between kinds of charges and of lots, searched for anything the rules prefer.

A matching is best when no way around its network gains (Klein 1967): every change by 1 Wh is
an arc worth what it gains for the stages, and a cycle worth more than nothing would be a
better matching. Bellman and Ford find one, or prices at which there is none.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from charging.domain.matching.terms import Demand, Share, Supply

T = TypeVar("T")
Place = tuple[int, int, int]  # ring, rank of preference, 0 on a green tariff and 1 without
Use = tuple[float, int]
Arc = tuple[int, int, int]  # from, to, worth


class Kinds:
    """Charges with the same choice of lots are one kind, and so are lots with the same facts.

    Nodes are numbered: kinds of charges, kinds of lots, and one hub, to which charges return
    what they do without and lots what they keep.
    """

    def __init__(
        self,
        demands: Sequence[Demand],
        supplies: Sequence[Supply],
        place: Callable[[Demand, Supply], Place | None],
    ) -> None:
        lot_kinds = _by_fact(supplies, lambda s: (s.site, s.area, s.source, s.supplier, _use(s)))
        lots = [members[0] for members in lot_kinds]
        facts = _by_fact(
            demands, lambda d: (d.site, d.area, d.green_tariff, d.preferences, d.strict)
        )
        rows: dict[tuple[Place | None, ...], list[Demand]] = defaultdict(list)
        for members in facts:
            rows[tuple(place(members[0], lot) for lot in lots)] += members
        self._places = {
            (c, g): found
            for c, row in enumerate(rows)
            for g, found in enumerate(row)
            if found is not None
        }
        self._members = [sorted(d.key for d in members) for members in rows.values()]
        self._kind_of_charge = {key: c for c, keys in enumerate(self._members) for key in keys}
        self._kind_of_lot = {s.code: g for g, kind in enumerate(lot_kinds) for s in kind}
        self._uses = [_use(lot) for lot in lots]
        self._given: dict[tuple[int, int], int] = defaultdict(int)
        self._asked, self._got = [0] * len(rows), [0] * len(rows)
        self._held = [sum(s.amount_wh for s in kind) for kind in lot_kinds]
        self._used = [0] * len(lots)
        self._hub = len(rows) + len(lots)
        self._prices = [0] * (self._hub + 1)

    def take(self, shares: Iterable[Share], open_wh: Mapping[str, int]) -> None:
        """Add up what was asked and given by kind."""
        for key, kind in self._kind_of_charge.items():
            self._asked[kind] += open_wh[key]
        for share in shares:
            charge, lot = self._kind_of_charge[share.key], self._kind_of_lot[share.code]
            self._given[charge, lot] += share.amount_wh
            self._got[charge] += share.amount_wh
            self._used[lot] += share.amount_wh

    def equals_of(self, keys: Iterable[str]) -> list[list[str]]:
        """The keys of all charges of the kinds that these are of, each kind in order."""
        return [self._members[kind] for kind in sorted({self._kind_of_charge[k] for k in keys})]

    def something_better(self) -> bool:
        """Whether a change of the matching gains; if not, prices are left behind."""
        arcs = self._arcs()
        for _ in self._prices:
            gained = False
            for one, other, worth in arcs:
                if self._prices[one] + worth > self._prices[other]:
                    self._prices[other] = self._prices[one] + worth
                    gained = True
            if not gained:
                return False
        return True

    def envy(self) -> list[tuple[str, str]]:
        """(worse covered, better covered): the first charges of kinds where moving a Wh from
        the second to the first costs no stage anything, and leaves the second no worse off
        than the first. Ask after `something_better`.
        """
        steps: dict[int, list[int]] = defaultdict(list)
        takers, givers = [], set()
        for one, other, worth in self._arcs():
            if self._prices[one] + worth != self._prices[other]:
                continue
            if one == self._hub and other < len(self._asked):
                takers.append(other)
            elif other == self._hub and one < len(self._asked):
                givers.add(one)
            else:
                steps[one].append(other)
        return [
            (self._members[taker][0], self._members[giver][0])
            for taker in takers
            for giver in sorted(givers & _reachable(taker, steps) - {taker})
            if (self._got[giver] - 1) * self._asked[taker]
            >= (self._got[taker] + 1) * self._asked[giver]
        ]

    def _arcs(self) -> list[Arc]:
        first_lot = len(self._asked)
        stage, use = _worths(self._places.values(), self._uses, 4 * (self._hub + 2))
        arcs: list[Arc] = []
        for (charge, lot), place in self._places.items():
            arcs.append((charge, first_lot + lot, stage[place]))
            if self._given.get((charge, lot)):
                arcs.append((first_lot + lot, charge, -stage[place]))
        for charge, asked in enumerate(self._asked):
            if self._got[charge] < asked:
                arcs.append((self._hub, charge, 0))
            if self._got[charge]:
                arcs.append((charge, self._hub, 0))
        for lot, held in enumerate(self._held):
            if self._used[lot] < held:
                arcs.append((first_lot + lot, self._hub, use[self._uses[lot]]))
            if self._used[lot]:
                arcs.append((self._hub, first_lot + lot, -use[self._uses[lot]]))
        return arcs


def _worths(
    places: Iterable[Place], uses: Iterable[Use], base: int
) -> tuple[dict[Place, int], dict[Use, int]]:
    """Powers of a base: any stage outweighs all later ones, and these the order of use."""
    use = {order: base**n for n, order in enumerate(sorted(set(uses))[::-1])}
    late_first = sorted(set(places))[::-1]
    return {place: base ** (len(use) + n) for n, place in enumerate(late_first)}, use


def _use(supply: Supply) -> Use:
    return (float("inf") if supply.expires is None else supply.expires, supply.price)


def _by_fact(items: Iterable[T], fact: Callable[[T], Hashable]) -> list[list[T]]:
    found: dict[Hashable, list[T]] = defaultdict(list)
    for item in items:
        found[fact(item)].append(item)
    return list(found.values())


def _reachable(start: int, steps: Mapping[int, Sequence[int]]) -> set[int]:
    seen, stack = {start}, [start]
    while stack:
        for other in steps.get(stack.pop(), ()):
            if other not in seen:
                seen.add(other)
                stack.append(other)
    return seen
