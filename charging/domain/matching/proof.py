"""A checker of matchings that shares no rule and no step with the matcher.

It is told what was asked, held and given in one interval, works the rules out by itself, and
either finds that they hold or says which do not, and where. Linear in charges, lots and shares
but for sorting; the network of kinds that it searches for something better is small.

What it holds a matching to:
- `known`: every share is of a charge and a lot of the interval, once, and of more than 0 Wh.
- `demand`, `supply`: nobody gets more than asked, no lot gives more than there is.
- `admissible`: no charge has a lot that it may not have.
- `maximal`: no other matching gives a stage more without taking from an earlier one, nor the
  same with lots that go earlier.
- `equals`: of charges with the same choice of lots, nobody is a whole Wh from the exact share
  of what a stage gave them, and the Wh over went to the largest remainders.
- `envy`: no charges could give up 1 Wh to others and still be covered as well as those.
- `sparse`: a stage of n charges and m lots has at most n + m - 1 shares.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from charging.domain.matching.proof_network import Kinds, Place
from charging.domain.matching.terms import UNCOUPLED, Couplings, Demand, Share, Supply

RENEWABLE, EMISSIONS_ONLY = "renewable", "emissions only"
RULES = {
    "known": "Every Wh goes from a certificate of the interval to a charge of it, once.",
    "demand": "No charge gets more than it took.",
    "supply": "No certificate gives more than there is of it.",
    "admissible": "No charge gets a certificate that it may not have.",
    "maximal": "Nothing that could be matched is left, and what comes first is served first.",
    "equals": "Charges with the same choice share by what they took, to the whole Wh.",
    "envy": "No charge is covered less than another that could give way.",
    "sparse": "Certificates are not cut into more parts than needed.",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that does not hold, of whom, and how one sees it."""

    rule: str
    subject: str
    message: str


@dataclass(frozen=True, slots=True)
class StageTotal:
    """Wh that one stage of one good gave, to how many charges from how many lots."""

    good: str
    ring: int
    preference: int
    green_tariff: bool
    matched_wh: int
    charges: int
    lots: int
    shares: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checker found; the matching is proven when there are no violations."""

    demand_wh: int
    supply_wh: int
    matched_wh: int
    stages: tuple[StageTotal, ...]
    violations: tuple[Violation, ...]

    @property
    def proven(self) -> bool:
        """Whether every rule holds."""
        return not self.violations

    def as_json(self) -> dict[str, Any]:
        """The verdict as it is kept."""
        return {"proven": self.proven, **asdict(self)}


def certify(
    demands: Iterable[Demand],
    supplies: Iterable[Supply],
    shares: Iterable[Share],
    couplings: Couplings = UNCOUPLED,
) -> Verdict:
    """Hold one interval's matching to the rules."""
    return _Check(list(demands), list(supplies), list(shares), couplings).run()


class _Check:
    def __init__(
        self,
        demands: Sequence[Demand],
        supplies: Sequence[Supply],
        shares: Sequence[Share],
        couplings: Couplings,
    ) -> None:
        self._demand = {d.key: d for d in demands}
        self._supply = {s.code: s for s in supplies}
        self._shares = shares
        self._couplings = couplings
        self._found: list[Violation] = []
        self._stages: list[StageTotal] = []
        self._open = {d.key: d.amount_wh for d in demands}
        if len(self._demand) != len(demands) or len(self._supply) != len(supplies):
            self._fail("known", "interval", "A charge or a lot stands twice.")

    def run(self) -> Verdict:
        """Every rule, as far as the ones before it let it be asked."""
        self._check_amounts()
        if not self._found:
            for good in (True, False):
                self._check_good(good)
        return Verdict(
            demand_wh=sum(d.amount_wh for d in self._demand.values()),
            supply_wh=sum(s.amount_wh for s in self._supply.values()),
            matched_wh=sum(share.amount_wh for share in self._shares),
            stages=tuple(self._stages),
            violations=tuple(self._found),
        )

    def _fail(self, rule: str, subject: str, message: str) -> None:
        self._found.append(Violation(rule, subject, message))

    def _check_amounts(self) -> None:
        got: dict[str, int] = defaultdict(int)
        given: dict[str, int] = defaultdict(int)
        pairs = set()
        for share in self._shares:
            pair = (share.key, share.code)
            strange = share.key not in self._demand or share.code not in self._supply
            if strange or pair in pairs or share.amount_wh <= 0:
                self._fail("known", f"{share.key} by {share.code}", f"{share.amount_wh} Wh")
                continue
            pairs.add(pair)
            got[share.key] += share.amount_wh
            given[share.code] += share.amount_wh
            if self._place(self._demand[share.key], self._supply[share.code]) is None:
                self._fail("admissible", share.key, f"May not have lot {share.code}.")
        for key, wh in got.items():
            if wh > self._demand[key].amount_wh:
                asked = self._demand[key].amount_wh
                self._fail("demand", key, f"Got {wh} Wh and asked for {asked} Wh.")
        for code, wh in given.items():
            if wh > self._supply[code].amount_wh:
                held = self._supply[code].amount_wh
                self._fail("supply", code, f"Gave {wh} Wh and had {held} Wh.")

    def _check_good(self, renewable: bool) -> None:
        lots = {c: s for c, s in self._supply.items() if s.renewable is renewable and s.amount_wh}
        shares = [share for share in self._shares if share.code in lots]
        kinds = Kinds(
            [self._demand[key] for key, wh in self._open.items() if wh],
            list(lots.values()),
            self._place,
        )
        kinds.take(shares, self._open)
        good = RENEWABLE if renewable else EMISSIONS_ONLY
        if kinds.something_better():
            self._fail("maximal", good, "Moving Wh would serve an earlier stage or lot more.")
        else:
            for worse, better in kinds.envy():
                self._fail("envy", worse, f"{better} could give way and be covered as well.")
        self._check_stages(good, kinds, shares)

    def _check_stages(self, good: str, kinds: Kinds, shares: Sequence[Share]) -> None:
        """Equals and sparseness, stage after stage; `_open` is what the next stage finds."""
        by_stage: dict[Place, list[Share]] = defaultdict(list)
        for share in shares:
            place = self._place(self._demand[share.key], self._supply[share.code])
            by_stage[place or (0, 0, 0)].append(share)
        for place, some in sorted(by_stage.items()):
            got: dict[str, int] = defaultdict(int)
            for share in some:
                got[share.key] += share.amount_wh
            lots = {share.code for share in some}
            for members in kinds.equals_of(got):
                self._check_equals(members, got)
            if len(some) > len(got) + len(lots) - 1:
                self._fail("sparse", str(place), f"{len(some)} shares.")
            for key, wh in got.items():
                self._open[key] -= wh
            self._stages.append(
                StageTotal(
                    good=good,
                    ring=place[0],
                    preference=place[1],
                    green_tariff=not place[2],
                    matched_wh=sum(got.values()),
                    charges=len(got),
                    lots=len(lots),
                    shares=len(some),
                )
            )

    def _check_equals(self, members: Sequence[str], got: Mapping[str, int]) -> None:
        asked = sum(self._open[key] for key in members)
        matched = sum(got.get(key, 0) for key in members)
        worst_winner: tuple[int, str] | None = None
        best_loser: tuple[int, str] | None = None
        for key in members:
            floor, remainder = divmod(self._open[key] * matched, asked)
            over = got.get(key, 0) - floor
            if over not in (0, 1) or (over and not remainder):
                self._fail("equals", key, f"Got {floor + over} Wh; its share is {floor} Wh.")
                return
            rank = (-remainder, key)
            if over:
                worst_winner = max(worst_winner or rank, rank)
            elif remainder:
                best_loser = min(best_loser or rank, rank)
        if worst_winner and best_loser and best_loser < worst_winner:
            self._fail("equals", best_loser[1], f"{worst_winner[1]} got its Wh of rounding.")

    def _place(self, demand: Demand, supply: Supply) -> Place | None:
        """Ring, rank of preference, tariff; `None` where nothing joins the two."""
        joins = (
            bool(demand.site) and demand.site == supply.site,
            demand.area == supply.area,
            (supply.area, demand.area) in self._couplings,
        )
        if True not in joins:
            return None
        fits = [
            (not wish.supplier or wish.supplier == supply.supplier)
            and supply.source[: len(wish.source)] == wish.source
            for wish in demand.preferences
        ]
        if demand.strict and True not in fits:
            return None
        rank = fits.index(True) if True in fits else len(fits)
        return joins.index(True), rank, int(not demand.green_tariff)


def merge(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict on all intervals of a run: stages added up, every violation kept."""
    parts = list(verdicts)
    counts: dict[tuple[str, int, int, bool], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for stage in (stage for part in parts for stage in part.stages):
        row = counts[stage.good, stage.ring, stage.preference, stage.green_tariff]
        amounts = (stage.matched_wh, stage.charges, stage.lots, stage.shares)
        row[:] = [one + other for one, other in zip(row, amounts, strict=True)]
    return Verdict(
        demand_wh=sum(part.demand_wh for part in parts),
        supply_wh=sum(part.supply_wh for part in parts),
        matched_wh=sum(part.matched_wh for part in parts),
        stages=tuple(StageTotal(*name, *row) for name, row in sorted(counts.items(), key=_first)),
        violations=tuple(violation for part in parts for violation in part.violations),
    )


def _first(item: tuple[tuple[str, int, int, bool], list[int]]) -> tuple[bool, int, int, bool]:
    good, ring, preference, green_tariff = item[0]
    return good != RENEWABLE, ring, preference, not green_tariff
