"""Fairness between classes: among all best flows, the one that levels their coverage.

The amounts that classes can get in best flows are the bases of a polymatroid, so there is
exactly one that cannot raise anybody's coverage without lowering another's that is no higher
(Megiddo 1974; Fujishige, Submodular Functions and Optimization, chapter 8). It is found by
cutting: try one coverage for all; where the network forbids it, a cut parts those who can
give nothing more to the others, and both sides are levelled by themselves.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from charging.domain.matching.flow import Arc, Flow, Transport

Exact = dict[Arc, Fraction]


@dataclass(frozen=True, slots=True)
class Levelled:
    """Exact Wh on each arc, and the sets of classes that have one coverage each."""

    flow: Exact
    levels: tuple[tuple[int, ...], ...]


def level(net: Transport, best: Flow) -> Levelled:
    """Level a best flow, staying among the best ones."""
    return _Levelling(net, best).run()


class _Levelling:
    """Moves Wh between classes along arcs on which that costs nothing."""

    def __init__(self, net: Transport, best: Flow) -> None:
        self._net = net
        self._classes, self._groups = len(net.asked), len(net.held)
        self._table = self._classes + self._groups  # the node where all groups draw
        prices = prices_of(net, best)
        hub = prices[self._table]
        self._movable = [c for c in range(self._classes) if prices[c] == hub]
        self._free = frozenset(
            g
            for g in range(self._groups)
            if prices[self._classes + g] + net.bonus[g] == hub and net.held[g]
        )
        self._tight = [
            (c, g)
            for (c, g), weight in sorted(net.weights.items())
            if prices[self._classes + g] == prices[c] + weight
        ]
        self._flow = {arc: Fraction(wh) for arc, wh in best.items()}
        self._used = [Fraction(0)] * self._groups
        for (_, group), wh in best.items():
            self._used[group] += wh
        self._levels: list[tuple[int, ...]] = []

    def run(self) -> Levelled:
        """Level all classes that best flows treat differently."""
        waiting = [(tuple(self._movable), frozenset(range(self._table + 1)))]
        while waiting:
            classes, allowed = waiting.pop()
            waiting += self._cut(classes, allowed)
        return Levelled(self._flow, tuple(sorted(self._levels)))

    def _cut(
        self, classes: tuple[int, ...], allowed: frozenset[int]
    ) -> list[tuple[tuple[int, ...], frozenset[int]]]:
        """One coverage for these classes, or the two sides that must be levelled apart."""
        if not classes:
            return []
        got = self._got()
        ratio = sum((got[c] for c in classes), Fraction(0)) / sum(
            self._net.asked[c] for c in classes
        )
        over = {c: got[c] - ratio * self._net.asked[c] for c in classes}
        while True:
            reached = self._reach([c for c in classes if over[c] < 0], allowed)
            givers = [c for c in classes if over[c] > 0 and c in reached]
            if not givers:
                break
            self._move(over, reached, givers[0])
        low = tuple(c for c in classes if c in reached)
        if not low:
            self._levels.append(classes)
            return []
        high = tuple(c for c in classes if c not in reached)
        return [(low, frozenset(reached)), (high, allowed - reached.keys())]

    def _reach(self, starts: Iterable[int], allowed: frozenset[int]) -> dict[int, int]:
        """Every node from which the starts can draw, and the node before it on the way."""
        before = {start: start for start in starts}
        queue = deque(before)
        steps = self._steps(allowed)
        while queue:
            node = queue.popleft()
            for other in steps.get(node, ()):
                if other not in before:
                    before[other] = node
                    queue.append(other)
        return before

    def _steps(self, allowed: frozenset[int]) -> dict[int, list[int]]:
        steps: dict[int, list[int]] = {}
        pairs = []
        for class_, group in self._tight:
            node = self._classes + group
            pairs.append((class_, node))
            if self._flow[class_, group]:
                pairs.append((node, class_))
        for group in sorted(self._free):
            node = self._classes + group
            if self._used[group] < self._net.held[group]:
                pairs.append((node, self._table))
            if self._used[group]:
                pairs.append((self._table, node))
        for one, other in pairs:
            if one in allowed and other in allowed:
                steps.setdefault(one, []).append(other)
        return steps

    def _move(self, over: dict[int, Fraction], before: dict[int, int], giver: int) -> None:
        """Move as much as the way from a class that lacks to the giver carries."""
        way = [giver]
        while before[way[-1]] != way[-1]:
            way.append(before[way[-1]])
        way.reverse()
        legs = list(pairwise(way))
        amount = min(over[giver], -over[way[0]], *(self._room(*leg) for leg in legs))
        for one, other in legs:
            self._push(one, other, amount)
        over[giver] -= amount
        over[way[0]] += amount

    def _room(self, one: int, other: int) -> Fraction:
        if one < self._classes:
            return Fraction(sum(self._net.held))
        if other < self._classes:
            return self._flow[other, one - self._classes]
        if other == self._table:
            group = one - self._classes
            return self._net.held[group] - self._used[group]
        return self._used[other - self._classes]

    def _push(self, one: int, other: int, amount: Fraction) -> None:
        if one < self._classes:
            self._flow[one, other - self._classes] += amount
        elif other < self._classes:
            self._flow[other, one - self._classes] -= amount
        elif other == self._table:
            self._used[one - self._classes] += amount
        else:
            self._used[other - self._classes] -= amount

    def _got(self) -> list[Fraction]:
        got = [Fraction(0)] * self._classes
        for (class_, _), wh in self._flow.items():
            got[class_] += wh
        return got


def prices_of(net: Transport, best: Flow) -> list[int]:
    """Prices of classes, groups and the table, at which no arc of a best flow can gain.

    Longest distances in the residual network from a root before every node; an arc that is
    neither empty nor full costs exactly nothing (complementary slackness).
    """
    classes, table = len(net.asked), len(net.asked) + len(net.held)
    got, used = [0] * classes, [0] * len(net.held)
    arcs: list[tuple[int, int, int]] = []
    for (class_, group), wh in sorted(best.items()):
        weight = net.weights[class_, group]
        arcs.append((class_, classes + group, weight))
        if wh:
            arcs.append((classes + group, class_, -weight))
        got[class_] += wh
        used[group] += wh
    for class_, asked in enumerate(net.asked):
        arcs += [(table, class_, 0)] if got[class_] < asked else []
        arcs += [(class_, table, 0)] if got[class_] else []
    for group, held in enumerate(net.held):
        arcs += [(classes + group, table, net.bonus[group])] if used[group] < held else []
        arcs += [(table, classes + group, -net.bonus[group])] if used[group] else []
    prices = [0] * (table + 1)
    changed = True
    while changed:
        changed = False
        for one, other, weight in arcs:
            if prices[one] + weight > prices[other]:
                prices[other] = prices[one] + weight
                changed = True
    return prices
