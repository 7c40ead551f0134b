"""The best flow through a network of classes and groups, in whole Wh.

Every stage in turn carries as much as it can without taking from an earlier one; among such
flows the lots that go first are used most. Both orders become one weight per arc, digits of
a number to a base that no cycle can carry over, so that the flow of largest weight is the
one wanted. It is found by successive longest paths (Ahuja, Magnanti and Orlin, Network
Flows, 1993, section 9.7), exactly, in integers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from charging.domain.matching.terms import Stage

Arc = tuple[int, int]  # class, group
Flow = dict[Arc, int]


@dataclass(frozen=True, slots=True)
class Transport:
    """What classes ask for, what groups hold, and the weights (larger is earlier)."""

    asked: tuple[int, ...]
    held: tuple[int, ...]
    weights: dict[Arc, int]
    bonus: tuple[int, ...]
    arcs_of: tuple[tuple[int, ...], ...] = field(repr=False)


def transport(
    asked: Sequence[int],
    held: Sequence[int],
    stages: Mapping[Arc, Stage],
    use: Sequence[tuple[bool, int, int]],
) -> Transport:
    """Weigh the arcs by stage, and groups by the order in which they are used up."""
    base = 2 * (len(asked) + len(held) + 2)
    ranks = {order: n for n, order in enumerate(sorted(set(use), reverse=True))}
    steps = {stage: n for n, stage in enumerate(sorted(set(stages.values()), reverse=True))}
    arcs_of: list[list[int]] = [[] for _ in asked]
    for class_, group in sorted(stages):
        arcs_of[class_].append(group)
    return Transport(
        asked=tuple(asked),
        held=tuple(held),
        weights={arc: base ** (len(ranks) + steps[stage]) for arc, stage in stages.items()},
        bonus=tuple(base ** ranks[order] for order in use),
        arcs_of=tuple(tuple(groups) for groups in arcs_of),
    )


def best_flow(net: Transport) -> Flow:
    """The flow of largest weight."""
    flow = dict.fromkeys(net.weights, 0)
    open_wh, spare = list(net.asked), list(net.held)
    while path := _longest_path(net, flow, open_wh, spare):
        forward, backward, first, last = path
        amount = min([open_wh[first], spare[last], *(flow[arc] for arc in backward)])
        for arc in forward:
            flow[arc] += amount
        for arc in backward:
            flow[arc] -= amount
        open_wh[first] -= amount
        spare[last] -= amount
    return flow


def _longest_path(
    net: Transport, flow: Flow, open_wh: Sequence[int], spare: Sequence[int]
) -> tuple[list[Arc], list[Arc], int, int] | None:
    """The residual path of largest weight from a class with demand to a group with supply."""
    found = _Labels(net, flow, [c for c, wh in enumerate(open_wh) if wh])
    worth = {g: weight + net.bonus[g] for g, weight in found.groups.items() if spare[g]}
    if not worth:
        return None
    last = max(worth, key=lambda g: (worth[g], -g))
    return (*found.way_to(last), last) if worth[last] > 0 else None


class _Labels:
    """The largest weight of a residual path to each class and group, and the node before."""

    def __init__(self, net: Transport, flow: Flow, starts: Sequence[int]) -> None:
        self._net = net
        self._users: dict[int, list[int]] = {}
        for class_, group in sorted(arc for arc, wh in flow.items() if wh):
            self._users.setdefault(group, []).append(class_)
        self._classes = dict.fromkeys(starts, 0)
        self.groups: dict[int, int] = {}
        self._into_class: dict[int, int] = {}
        self._into_group: dict[int, int] = {}
        changed = set(starts)
        while changed:
            changed = self._to_classes(self._to_groups(changed))

    def way_to(self, group: int) -> tuple[list[Arc], list[Arc], int]:
        """Arcs to use more, arcs to use less, and the class where the path starts."""
        forward: list[Arc] = []
        backward: list[Arc] = []
        while True:
            class_ = self._into_group[group]
            forward.append((class_, group))
            if class_ not in self._into_class:
                return forward, backward, class_
            group = self._into_class[class_]
            backward.append((class_, group))

    def _to_groups(self, changed: set[int]) -> set[int]:
        reached = set()
        for class_ in sorted(changed):
            for group in self._net.arcs_of[class_]:
                weight = self._classes[class_] + self._net.weights[class_, group]
                if group not in self.groups or weight > self.groups[group]:
                    self.groups[group], self._into_group[group] = weight, class_
                    reached.add(group)
        return reached

    def _to_classes(self, reached: set[int]) -> set[int]:
        changed = set()
        for group in sorted(reached):
            for class_ in self._users.get(group, ()):
                weight = self.groups[group] - self._net.weights[class_, group]
                if class_ not in self._classes or weight > self._classes[class_]:
                    self._classes[class_], self._into_class[class_] = weight, group
                    changed.add(class_)
        return changed
