"""The registry's own example: full by the year, and how much of it by the hour."""

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db.models import Max, Min

from certificates.models import Agreement, Lot, Organisation
from charging.domain.matching import matched_by_interval, matched_by_period
from charging.models import MatchingRun, Session
from charging.queries.matching.demand import demand_by_interval
from charging.queries.matching.supply import supply_from_agreements
from charging.queries.matching.what_if import ANNUAL, HOURLY
from ledger.models import Entry

SHARES_PPM = (250_000, 1_000_000)
CACHE_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Rule:
    """What would be matched under one share and policy."""

    key: str
    ppm: int
    policy: str
    demand_wh: int
    supply_wh: int
    matched_wh: int


@dataclass(frozen=True, slots=True)
class Story:
    """A company's charges and the plant behind them, under several rules.

    `rules` by key: `hourly_46300` is the share agreed by the hour, `annual_46300` the same
    volume counted by the year.
    """

    company: str
    plants: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    sessions: int
    booked_ppm: int
    rules: dict[str, Rule]

    @property
    def by_hour(self) -> Rule:
        """The agreed share, counted by the hour."""
        return self.rules[f"{HOURLY}_{self.booked_ppm}"]

    @property
    def by_year(self) -> Rule:
        """The agreed share, counted over the whole period."""
        return self.rules[f"{ANNUAL}_{self.booked_ppm}"]


def story() -> Story | None:
    """The story of the company that was matched first; `None` before any matching.

    Kept in the cache until sessions, lots, matching or what is reversed change.
    """
    first = MatchingRun.objects.order_by("pk").values_list("organisation", flat=True).first()
    if first is None:
        return None
    stand = (
        first,
        Session.objects.aggregate(last=Max("pk"))["last"],
        Lot.objects.aggregate(last=Max("pk"))["last"],
        MatchingRun.objects.aggregate(last=Max("pk"))["last"],
        Entry.objects.filter(reverses__isnull=False).count(),
    )
    key = "charging-story-" + "-".join(str(part) for part in stand)
    told: Story | None = cache.get(key)
    if told is None:
        told = tell(Organisation.objects.get(pk=first))
        cache.set(key, told, CACHE_SECONDS)
    return told


def tell(company: Organisation) -> Story | None:
    """The story of one company over the period it was matched; `None` without agreement."""
    # The story is told by shares; an agreement on Wh of each hour has none.
    plants = Agreement.objects.filter(to=company, share_ppm__gt=0).order_by("pk")
    agreement = plants.first()
    period = MatchingRun.objects.filter(organisation=company).aggregate(
        first=Min("starts_at"), last=Max("ends_at")
    )
    if agreement is None or period["first"] is None:
        return None
    starts_at, ends_at = period["first"], period["last"]
    return Story(
        company=company.name,
        plants=tuple(plants.values_list("device__name", flat=True)),
        starts_at=starts_at,
        ends_at=ends_at,
        sessions=Session.objects.filter(
            claimant=company, final=True, started_at__gte=starts_at, started_at__lt=ends_at
        ).count(),
        booked_ppm=agreement.share_ppm,
        rules=rules(company, starts_at, ends_at, agreement.share_ppm),
    )


def rules(
    company: Organisation, starts_at: datetime, ends_at: datetime, ppm: int
) -> dict[str, Rule]:
    """The agreed share by the hour and by the year, and larger shares by the hour."""
    demand = demand_by_interval(company, starts_at, ends_at)
    told = {}
    for share in dict.fromkeys((ppm, *SHARES_PPM)):
        supply = supply_from_agreements(company, starts_at, ends_at, share)
        counts = {HOURLY: matched_by_interval} | (
            {ANNUAL: matched_by_period} if share == ppm else {}
        )
        for policy, count in counts.items():
            told[f"{policy}_{share}"] = Rule(
                key=f"{policy}_{share}",
                ppm=share,
                policy=policy,
                demand_wh=sum(demand.values()),
                supply_wh=sum(supply.values()),
                matched_wh=count(demand, supply),
            )
    return told
