"""Who gets which generation in one interval of one company.

Rules, the same for everybody and open to recomputation:
1. Generation that proves renewable is shared first, by itself; then what proves its emissions
   alone, among what is still open. They are different goods.
2. Within each, rings in this order: made at the charge's site, in its area, in an area that
   was coupled to it. Within a ring what a charge prefers comes first, and within that charges
   on a green tariff. Each of these stages carries as much as it can without taking from an
   earlier one.
3. Among such matchings the lots that expire first and cost least are used most.
4. Equals, that is charges for which every lot comes up at the same stage, share what a stage
   gives them by their open demand, in whole Wh by largest remainder, ties by the charge's
   natural key. Between others nobody is covered less than another who could give way.
5. Within a stage lots are used up in their order, charges served in the order of their keys.

Nothing depends on the order of the input.
"""

from collections.abc import Iterable, Sequence

from charging.domain.matching.classes import Network, network_of
from charging.domain.matching.flow import Flow, best_flow, transport
from charging.domain.matching.level import level
from charging.domain.matching.rounding import round_flow
from charging.domain.matching.shares import share_proportionally
from charging.domain.matching.terms import (
    UNCOUPLED,
    Couplings,
    Demand,
    Share,
    Stage,
    Supply,
    use_order,
)

VERSION = "rings-1"


def match_interval(
    demands: Iterable[Demand], supplies: Iterable[Supply], couplings: Couplings = UNCOUPLED
) -> list[Share]:
    """Share out one interval, by the rules above.

    Raises: ValueError when a key or a code stands twice, or an amount is negative.
    """
    asked = sorted(demands, key=lambda demand: demand.key)
    held = sorted(supplies, key=lambda supply: (*use_order(supply), supply.code))
    _check([(d.key, d.amount_wh) for d in asked])
    _check([(s.code, s.amount_wh) for s in held])
    open_wh = [demand.amount_wh for demand in asked]
    shares: list[Share] = []
    for renewable in (True, False):
        tier = [s for s in held if s.renewable is renewable and s.amount_wh]
        wanting = [n for n, wh in enumerate(open_wh) if wh]
        if tier and wanting:
            shares += _Tier(asked, open_wh, wanting, tier, couplings).run()
    return shares


class _Tier:
    """Shares one good; `open_wh` is brought up to date."""

    def __init__(
        self,
        asked: Sequence[Demand],
        open_wh: list[int],
        wanting: Sequence[int],
        lots: Sequence[Supply],
        couplings: Couplings,
    ) -> None:
        net = network_of([asked[n] for n in wanting], lots, couplings)
        self._asked, self._open, self._lots = asked, open_wh, lots
        self._classes = [[wanting[m] for m in members] for members in net.classes]
        self._stages = net.stages
        self._left = [[lots[n].amount_wh for n in group] for group in net.groups]
        self._next = [0] * len(net.groups)
        self._net = net

    def run(self) -> list[Share]:
        """Shares stage by stage, each class's charges in the order of their keys."""
        flow = self._flow()
        by_stage: dict[tuple[Stage, int], list[int]] = {}
        for (class_, group), wh in sorted(flow.items()):
            if wh:
                by_stage.setdefault((self._stages[class_, group], class_), []).append(group)
        shares: list[Share] = []
        for (_, class_), groups in sorted(by_stage.items()):
            pieces = [
                piece
                for group in sorted(groups, key=lambda g: self._net.groups[g])
                for piece in self._take(group, flow[class_, group])
            ]
            shares += self._serve(self._classes[class_], pieces)
        return shares

    def _flow(self) -> Flow:
        """Wh from each group to each class."""
        asked = [sum(self._open[n] for n in members) for members in self._classes]
        held = [sum(left) for left in self._left]
        if len(asked) == 1:
            return _fill(asked[0], held, self._net, self._lots)
        use = [use_order(self._lots[group[0]]) for group in self._net.groups]
        net = transport(asked, held, self._stages, use)
        return round_flow(level(net, best_flow(net)))

    def _take(self, group: int, wh: int) -> list[tuple[str, int]]:
        """The next Wh of a group, lot by lot."""
        pieces = []
        left = self._left[group]
        while wh:
            n = self._next[group]
            amount = min(wh, left[n])
            pieces.append((self._lots[self._net.groups[group][n]].code, amount))
            left[n] -= amount
            wh -= amount
            if not left[n]:
                self._next[group] += 1
        return pieces

    def _serve(self, members: Sequence[int], pieces: Sequence[tuple[str, int]]) -> list[Share]:
        """Share pieces of lots among equals by their open demand."""
        given = share_proportionally([self._open[n] for n in members], sum(wh for _, wh in pieces))
        shares: list[Share] = []
        lots = iter(pieces)
        code, left = "", 0
        for n, wanted in zip(members, given, strict=True):
            self._open[n] -= wanted
            while wanted:
                if not left:
                    code, left = next(lots)
                amount = min(wanted, left)
                shares.append(Share(self._asked[n].key, code, amount))
                wanted -= amount
                left -= amount
        return shares


def _fill(asked: int, held: Sequence[int], net: Network, lots: Sequence[Supply]) -> Flow:
    """One class alone takes group after group by stage and use."""
    flow: Flow = {}
    order = sorted(
        net.stages, key=lambda arc: (net.stages[arc], use_order(lots[net.groups[arc[1]][0]]))
    )
    for arc in order:
        flow[arc] = min(asked, held[arc[1]])
        asked -= flow[arc]
    return flow


def _check(pairs: Sequence[tuple[str, int]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a charge or an asset stands twice in one interval")
    if any(amount < 0 for _, amount in pairs):
        raise ValueError("an amount of energy is negative")
