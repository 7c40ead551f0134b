"""Whose plants' certificates would fill what charges miss, and which their wishes rule out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from certificates.models import Organisation
from charging.domain.local_time import to_utc
from charging.domain.matching import Demand, Supply, in_force
from charging.domain.matching.terms import Couplings, stage_of
from charging.queries.company.others import HeldByOthers, by_start, held_by_others
from charging.queries.matching.coupling import coupled_areas
from charging.queries.matching.wishes import Wishes

Plant = tuple[str, str]  # name, GSRN
Asking = Mapping[int, Sequence[Demand]]  # what charges alike miss, by the interval's start


@dataclass(frozen=True, slots=True)
class Filler:
    """A plant whose certificates of the hour others hold and have not retired (Wh)."""

    device: str
    gsrn: str
    amount_wh: int


@dataclass(frozen=True, slots=True)
class Fillers:
    """Plants of others, the most first: what may be used, and what wishes alone rule out."""

    fitting: tuple[Filler, ...] = ()
    barred: tuple[Filler, ...] = ()


def fillers(
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    asking: Asking,
    wishes: Wishes,
) -> dict[int, Fillers]:
    """What others hold of plants that would fill what is asked for, by the interval's start."""
    if not asking:
        return {}
    table = coupled_areas()
    others = by_start(held_by_others(organisation, starts_at, ends_at))
    return {
        start: _fillers(demands, others[start], wishes, in_force(table, to_utc(start)))
        for start, demands in asking.items()
    }


def _fillers(
    demands: Sequence[Demand],
    others: Sequence[HeldByOthers],
    wishes: Wishes,
    couplings: Couplings,
) -> Fillers:
    fitting: dict[Plant, int] = defaultdict(int)
    barred: dict[Plant, int] = defaultdict(int)
    for one in others:
        supply = supply_of(one, wishes, 0)
        if _may(demands, supply, couplings):
            fitting[one.device, one.gsrn] += one.amount_wh
        elif _may([replace(d, strict=False) for d in demands], supply, couplings):
            barred[one.device, one.gsrn] += one.amount_wh
    return Fillers(_most_first(fitting), _most_first(barred))


def together(groups: Iterable[Fillers]) -> Fillers:
    """Plants of several intervals, each once."""
    fitting: dict[Plant, int] = defaultdict(int)
    barred: dict[Plant, int] = defaultdict(int)
    for group in groups:
        for one in group.fitting:
            fitting[one.device, one.gsrn] += one.amount_wh
        for one in group.barred:
            barred[one.device, one.gsrn] += one.amount_wh
    return Fillers(_most_first(fitting), _most_first(barred))


def _most_first(sums: Mapping[Plant, int]) -> tuple[Filler, ...]:
    ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Filler(*plant, wh) for plant, wh in ordered)


def _may(demands: Sequence[Demand], supply: Supply, couplings: Couplings) -> bool:
    return any(stage_of(demand, supply, couplings) is not None for demand in demands)


def supply_of(one: HeldByOthers, wishes: Wishes, number: int) -> Supply:
    """What others hold in the terms of matching; `number` tells it from others of its interval."""
    return Supply(
        f"other {number}",
        one.amount_wh,
        one.renewable,
        site=wishes.site_of(one.device_id, to_utc(one.place[1])),
        area=str(one.place[0]),
        source=one.source,
        supplier=one.supplier,
    )
