"""From exact fractions to whole Wh on as few arcs as there can be.

Both steps push around cycles, which changes nobody's sum. First cycles of arcs that carry
something, until these form a forest: then classes and groups of one stage share on at most
n + m - 1 arcs. Then cycles of arcs that carry a fraction, each to the next whole number, so
that every sum becomes one of the two whole numbers beside it.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil, floor

from charging.domain.matching.flow import Flow
from charging.domain.matching.level import Levelled

Node = tuple[str, int]
Edge = tuple[Node, Node]
Amounts = dict[Edge, Fraction]


def round_flow(levelled: Levelled) -> Flow:
    """The whole Wh of every arc. Each level keeps its sum, each class is rounded up or down."""
    amounts: Amounts = {
        (("class", c), ("group", g)): wh for (c, g), wh in sorted(levelled.flow.items())
    }
    _push_around(amounts, lambda wh: wh > 0, _to_nothing)
    _add_sums(amounts, levelled)
    _push_around(amounts, lambda wh: wh.denominator != 1, _to_whole)
    return {
        (one[1], other[1]): int(amounts[one, other])
        for one, other in amounts
        if (one[0], other[0]) == ("class", "group")
    }


def _add_sums(amounts: Amounts, levelled: Levelled) -> None:
    """What each class gets from its level, and each group gives from the table."""
    got: dict[int, Fraction] = {}
    used: dict[int, Fraction] = {}
    for (class_, group), wh in levelled.flow.items():
        got[class_] = got.get(class_, Fraction(0)) + wh
        used[group] = used.get(group, Fraction(0)) + wh
    for number, classes in enumerate(levelled.levels):
        for class_ in classes:
            amounts[("level", number), ("class", class_)] = got[class_]
    for group, wh in sorted(used.items()):
        amounts[("group", group), ("table", 0)] = wh


def _push_around(
    amounts: Amounts,
    counts: Callable[[Fraction], bool],
    room: Callable[[Fraction, bool], Fraction],
) -> None:
    """Push around cycles of the edges that count, until there are none."""
    edges = {edge for edge, wh in amounts.items() if counts(wh)}
    while cycle := find_cycle(sorted(edges)):
        legs = [
            (((one, other), True) if (one, other) in amounts else ((other, one), False))
            for one, other in zip(cycle, [*cycle[1:], cycle[0]], strict=True)
        ]
        amount = min(room(amounts[edge], along) for edge, along in legs)
        for edge, along in legs:
            amounts[edge] += amount if along else -amount
        edges -= {edge for edge, _ in legs if not counts(amounts[edge])}


def _to_nothing(wh: Fraction, along: bool) -> Fraction:
    return Fraction(10**30) if along else wh


def _to_whole(wh: Fraction, along: bool) -> Fraction:
    return ceil(wh) - wh if along else wh - floor(wh)


def find_cycle(edges: Sequence[Edge]) -> list[Node]:
    """The nodes of a cycle of undirected edges in order; empty when they form a forest."""
    near: dict[Node, list[Node]] = {}
    for one, other in edges:
        near.setdefault(one, []).append(other)
        near.setdefault(other, []).append(one)
    before: dict[Node, Node] = {}
    for root in sorted(near):
        if root in before:
            continue
        before[root] = root
        stack = [root]
        while stack:
            node = stack.pop()
            for other in near[node]:
                if other == before[node]:
                    continue
                if other in before:
                    return _close(before, node, other)
                before[other] = node
                stack.append(other)
    return []


def _close(before: dict[Node, Node], one: Node, other: Node) -> list[Node]:
    """The cycle that the edge between two found nodes closes."""
    ways = [_to_root(before, one), _to_root(before, other)]
    while len(ways[0]) > 1 and len(ways[1]) > 1 and ways[0][-2] == ways[1][-2]:
        ways[0].pop()
        ways[1].pop()
    return [*ways[0], *reversed(ways[1][:-1])]


def _to_root(before: dict[Node, Node], node: Node) -> list[Node]:
    way = [node]
    while before[node] != node:
        node = before[node]
        way.append(node)
    return way
