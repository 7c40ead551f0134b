"""One hour of a company: which charges, which certificates, what was missing, who has it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from certificates.models import Organisation
from charging.models import Allocation, Location, SessionHour
from charging.queries.company.coverage import (
    ALLOCATION_SITE,
    HOUR_SITE,
    IntervalCoverage,
    coverage,
)
from charging.queries.company.fillers import Fillers, fillers, together
from charging.queries.company.gap import Gap, read_gaps
from charging.queries.matching.demand import LONGEST, final_hours, valid_allocations
from charging.queries.matching.supply import RENEWABLE


@dataclass(frozen=True, slots=True)
class ChargeInHour:
    """What one charge took in the hour and what was matched to that (Wh)."""

    pk: int
    uid: str
    site: str
    energy_wh: int
    matched_wh: int

    @property
    def missing_wh(self) -> int:
        """Wh without generation of the same interval."""
        return max(0, self.energy_wh - self.matched_wh)


@dataclass(frozen=True, slots=True)
class LotInHour:
    """Wh of one lot that the company's charges used in the hour."""

    code: str
    device: str
    gsrn: str
    renewable: bool
    amount_wh: int


@dataclass(frozen=True, slots=True)
class HourFacts:
    """Everything of one hour; `open_charges` may still change and are not matched yet."""

    intervals: tuple[IntervalCoverage, ...]
    gaps: tuple[Gap, ...]
    charges: tuple[ChargeInHour, ...]
    lots: tuple[LotInHour, ...]
    fillers: Fillers
    open_charges: int

    @property
    def demand_wh(self) -> int:
        """Wh that final charges took."""
        return sum(one.demand_wh for one in self.intervals)

    @property
    def matched_wh(self) -> int:
        """Wh of certificates used for them."""
        return sum(one.matched_wh for one in self.intervals)

    @property
    def spare_wh(self) -> int:
        """Wh that the company still holds of this hour."""
        return sum(one.spare_wh for one in self.intervals)

    @property
    def missing_wh(self) -> int:
        """Wh that nothing covers."""
        return sum(gap.missing_wh for gap in self.gaps)


def hour_of(
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    site: Location | None = None,
) -> HourFacts:
    """The hour [starts_at, ends_at) of a company, in a bounded number of queries."""
    period = (organisation, starts_at, ends_at)
    read = read_gaps(*period, site)
    return HourFacts(
        intervals=tuple(coverage(*period, site)),
        gaps=tuple(read.gaps),
        charges=_charges(*period, site),
        lots=_lots(*period, site),
        fillers=together(fillers(*period, read.asking, read.wishes).values()),
        open_charges=_open_charges(*period, site),
    )


def _charges(
    organisation: Organisation, starts_at: datetime, ends_at: datetime, site: Location | None
) -> tuple[ChargeInHour, ...]:
    covered = (
        Allocation.objects.standing()
        .filter(session_hour=OuterRef("pk"))
        .values("session_hour")
        .annotate(wh=Sum("retirement__amount_wh"))
        .values("wh")
    )
    hours = final_hours(organisation, starts_at, ends_at).filter(**_at(HOUR_SITE, site))
    rows = hours.annotate(matched_wh=Coalesce(Subquery(covered), 0)).values_list(
        "session", "session__uid", "session__evse__location__name", "energy_wh", "matched_wh"
    )
    sums: dict[tuple[int, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for pk, uid, name, energy, matched in rows:
        sums[pk, uid, name][0] += energy
        sums[pk, uid, name][1] += matched
    found = (ChargeInHour(*charge, *amounts) for charge, amounts in sums.items())
    return tuple(sorted(found, key=lambda one: (-one.missing_wh, -one.energy_wh, one.pk)))


def _lots(
    organisation: Organisation, starts_at: datetime, ends_at: datetime, site: Location | None
) -> tuple[LotInHour, ...]:
    rows = (
        valid_allocations(organisation, starts_at, ends_at)
        .filter(**_at(ALLOCATION_SITE, site))
        .values_list(
            "retirement__lot__code",
            "retirement__lot__device__name",
            "retirement__lot__device__gsrn",
            "retirement__mask",
        )
        .annotate(wh=Sum("retirement__amount_wh"))
        .order_by("-wh", "retirement__lot__code", "retirement__mask")
    )
    return tuple(
        LotInHour(code, device, gsrn, bool(mask & RENEWABLE), wh)
        for code, device, gsrn, mask, wh in rows
    )


def _open_charges(
    organisation: Organisation, starts_at: datetime, ends_at: datetime, site: Location | None
) -> int:
    hours = SessionHour.objects.filter(
        session__claimant=organisation,
        session__final=False,
        session__started_at__gt=starts_at - LONGEST,
        session__started_at__lt=ends_at,
        starts_at__gte=starts_at,
        starts_at__lt=ends_at,
        **_at(HOUR_SITE, site),
    )
    return hours.values("session").distinct().count()


def _at(path: str, site: Location | None) -> dict[str, Location]:
    return {} if site is None else {path: site}
