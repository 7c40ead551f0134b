"""Charges and lots gathered by what they may be matched with: equals stand together.

Two charges are equals when every lot comes up for both at the same stage. The network of
classes and groups stays small however many charges and lots there are.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from charging.domain.matching.terms import Couplings, Demand, Stage, Supply, stage_of, use_order

Members = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Network:
    """Classes of charges, groups of lots (both by index), and the stage of each pair.

    Their order follows from the order of charges and lots, and so does that of the members.
    """

    classes: tuple[Members, ...]
    groups: tuple[Members, ...]
    stages: dict[tuple[int, int], Stage]


def network_of(
    demands: Sequence[Demand], supplies: Sequence[Supply], couplings: Couplings
) -> Network:
    """The network of charges sorted by key and lots sorted by use."""
    kinds = _gather(range(len(demands)), lambda n: _wish(demands[n]))
    makes = _gather(range(len(supplies)), lambda n: _make(supplies[n]))
    rows = [
        tuple(stage_of(demands[kind[0]], supplies[make[0]], couplings) for make in makes)
        for kind in kinds
    ]
    served = [n for n, row in enumerate(rows) if any(stage is not None for stage in row)]
    same_row = _gather(served, lambda n: rows[n])
    same_column = _gather(
        range(len(makes)),
        lambda m: (use_order(supplies[makes[m][0]]), tuple(rows[same[0]][m] for same in same_row)),
    )
    return Network(
        classes=tuple(_join(kinds, same) for same in same_row),
        groups=tuple(_join(makes, same) for same in same_column),
        stages={
            (c, g): stage
            for c, row in enumerate(same_row)
            for g, column in enumerate(same_column)
            if (stage := rows[row[0]][column[0]]) is not None
        },
    )


def _wish(demand: Demand) -> Hashable:
    return demand.site, demand.area, demand.green_tariff, demand.preferences, demand.strict


def _make(supply: Supply) -> Hashable:
    return supply.site, supply.area, supply.source, supply.supplier, use_order(supply)


def _gather(numbers: Sequence[int], kind: Callable[[int], Hashable]) -> list[Members]:
    """Numbers of the same kind together, kinds in the order of their first number."""
    found: dict[Hashable, list[int]] = {}
    for number in numbers:
        found.setdefault(kind(number), []).append(number)
    return [tuple(members) for members in found.values()]


def _join(parts: Sequence[Members], chosen: Members) -> Members:
    return tuple(sorted(member for n in chosen for member in parts[n]))
