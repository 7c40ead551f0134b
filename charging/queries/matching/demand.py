"""What charges ask for, interval by interval."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    ExpressionWrapper,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce

from certificates.models import Organisation
from charging.domain.consumption import consumption_key
from charging.domain.local_time import to_seconds
from charging.domain.session_rows import LONGEST_STAY
from charging.domain.split import split_evenly
from charging.models import Allocation, ClosedInterval, Session, SessionHour
from charging.queries.instants import as_text, instant

CHARGE_KEY = (
    "session__operator__slug",
    "session__country_code",
    "session__party_id",
    "session__uid",
)
# Sessions are found by their start; the bound keeps a month's question off the other years.
LONGEST = timedelta(seconds=LONGEST_STAY, hours=1)
Place = tuple[int, int]  # area id, interval start in seconds since 1970


@dataclass(frozen=True, slots=True)
class HourDemand:
    """One final session hour: what it took, and what is still without generation (Wh).

    `key` is the charge's natural key.
    """

    pk: int
    session_id: int
    area_id: int
    starts_at: datetime
    length_minutes: int
    energy_wh: int
    open_wh: int
    key: str

    @property
    def ends_at(self) -> datetime:
        """The end of its interval."""
        return self.starts_at + timedelta(minutes=self.length_minutes)


def beside_indexes(name: str) -> ExpressionWrapper:
    """A reference that no index offers itself for, where hours are found by their start.

    A planner without statistics would look through all sessions of a company instead.
    """
    return ExpressionWrapper(F(name) + 0, output_field=BigIntegerField())


def final_hours(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> QuerySet[SessionHour]:
    """The hours, starting in the period, of the final sessions an organisation may claim."""
    return SessionHour.objects.filter(
        session__claimant=organisation,
        session__final=True,
        session__started_at__gt=starts_at - LONGEST,
        session__started_at__lt=ends_at,
        starts_at__gte=starts_at,
        starts_at__lt=ends_at,
    )


def valid_allocations(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> QuerySet[Allocation]:
    """Allocations to these hours whose retirement stands."""
    return Allocation.objects.standing().filter(**_of_hours(organisation, starts_at, ends_at))


def reopened(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> set[tuple[int, datetime]]:
    """(area id, start) of closed intervals of the period whose last round lost a retirement."""
    closed = ClosedInterval.objects.filter(
        organisation=organisation, starts_at__gte=starts_at, starts_at__lt=ends_at
    )
    # By the few runs first: a planner that knows little of the tables would otherwise hold
    # every charge against every interval.
    fallen = Allocation.objects.fallen().filter(
        run__in=closed.values("run"), **_of_hours(organisation, starts_at, ends_at)
    )
    lost = set(fallen.values_list("session_hour__session__area", "session_hour__starts_at", "run"))
    if not lost:
        return set()
    last_rounds = closed.filter(run__in={run for _, _, run in lost})
    last = set(last_rounds.values_list("area", "starts_at", "run"))
    return {(area, start) for area, start, _ in lost & last}


def _of_hours(organisation: Organisation, starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    """What makes an allocation one of these hours."""
    return {
        "session_hour__session__claimant": organisation,
        "session_hour__session__started_at__gt": starts_at - LONGEST,
        "session_hour__session__started_at__lt": ends_at,
        "session_hour__starts_at__gte": starts_at,
        "session_hour__starts_at__lt": ends_at,
    }


def hour_demands(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> list[HourDemand]:
    """Every final session hour of the period, in two queries."""
    covered: dict[int, int] = dict(
        valid_allocations(organisation, starts_at, ends_at)
        .values_list("session_hour")
        .annotate(wh=Sum("retirement__amount_wh"))
    )
    own = ("pk", "session", "session__area", as_text("starts_at"), "length_minutes", "energy_wh")
    rows = final_hours(organisation, starts_at, ends_at).values_list(*own, *CHARGE_KEY)
    hours = _Instants()  # charges share them
    return [
        HourDemand(
            pk, session, area, hours[start], minutes, wh, wh - covered.get(pk, 0),
            consumption_key(*charge),
        )
        for pk, session, area, start, minutes, wh, *charge in rows
    ]  # fmt: skip


def demand_by_interval(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> dict[Place, int]:
    """Wh that final sessions took in each area and interval."""
    return _by_place(final_hours(organisation, starts_at, ends_at))


def demand_at(organisation: Organisation, hours: Collection[datetime]) -> dict[Place, int]:
    """The same for these hours alone, however many there are around them."""
    rows = SessionHour.objects.alias(whose=beside_indexes("session__claimant")).filter(
        starts_at__in=hours, whose=organisation.pk, session__final=True
    )
    return _by_place(rows)


def _by_place(hours: QuerySet[SessionHour]) -> dict[Place, int]:
    rows = hours.values_list("session__area", "starts_at").annotate(wh=Sum("energy_wh")).order_by()
    return {(area, to_seconds(start)): wh for area, start, wh in rows}


def open_places(organisation: Organisation, starts_at: datetime, ends_at: datetime) -> set[Place]:
    """Where a final session hour took more than what covers it.

    Asked hour by hour: one that was corrected downward may have more than it took, and that
    covers nobody else.
    """
    covered = (
        Allocation.objects.standing()
        .filter(session_hour=OuterRef("pk"))
        .values("session_hour")
        .annotate(wh=Sum("retirement__amount_wh"))
        .values("wh")
    )
    rows = (
        final_hours(organisation, starts_at, ends_at)
        .annotate(covered_wh=Coalesce(Subquery(covered), 0))
        .filter(energy_wh__gt=F("covered_wh"))
        .values_list("session__area", "starts_at")
        .distinct()
    )
    return {(area, to_seconds(start)) for area, start in rows}


def demand_wh(organisation: Organisation, starts_at: datetime, ends_at: datetime) -> int:
    """Wh that final sessions took in the period."""
    return final_hours(organisation, starts_at, ends_at).aggregate(wh=Sum("energy_wh"))["wh"] or 0


def matched_wh(organisation: Organisation, starts_at: datetime, ends_at: datetime) -> int:
    """Wh matched so far in the period."""
    allocations = valid_allocations(organisation, starts_at, ends_at)
    return allocations.aggregate(wh=Sum("retirement__amount_wh"))["wh"] or 0


def demand_by_minutes(
    organisation: Organisation, starts_at: datetime, ends_at: datetime, minutes: int
) -> dict[Place, int]:
    """Wh of final session hours, each spread evenly over shorter intervals of its connection."""
    seconds = minutes * 60
    demand: dict[Place, int] = defaultdict(int)
    rows = final_hours(organisation, starts_at, ends_at).values_list(
        "session__area",
        "session__started_at",
        "session__ended_at",
        "starts_at",
        "length_minutes",
        "energy_wh",
    )
    for area, plugged, left, start, length, wh in rows.iterator(chunk_size=10_000):
        first = to_seconds(start)
        last = min(to_seconds(left), first + length * 60)
        first = max(to_seconds(plugged), first)
        for interval, part in split_evenly(first, max(last, first + 1), wh, seconds):
            demand[area, interval] += part
    return dict(demand)


def matched_by_interval(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> dict[Place, int]:
    """Wh matched so far in each area and interval."""
    rows = (
        valid_allocations(organisation, starts_at, ends_at)
        .values_list("session_hour__session__area", "session_hour__starts_at")
        .annotate(wh=Sum("retirement__amount_wh"))
        .order_by()
    )
    return {(area, to_seconds(start)): wh for area, start, wh in rows}


def count_session_hours(organisation: Organisation, starts_at: datetime, ends_at: datetime) -> int:
    """How many (session, interval) pairs the final sessions that start in the period last in.

    An interval touched for so short that it gets no whole Wh counts too, and so does one
    after the period's end that its last sessions reach into.
    """
    sessions = Session.objects.filter(
        claimant=organisation, final=True, started_at__gte=starts_at, started_at__lt=ends_at
    ).values_list(as_text("started_at"), as_text("ended_at"), "area__matching_minutes")
    return sum(
        _intervals(instant(started), instant(ended), minutes)
        for started, ended, minutes in sessions.iterator(chunk_size=10_000)
    )


def _intervals(started: datetime, ended: datetime, minutes: int) -> int:
    length = minutes * 60
    return -(-to_seconds(ended) // length) - to_seconds(started) // length


class _Instants(dict[str, datetime]):
    """Instants by the text that the database gives for them, each read once."""

    def __missing__(self, text: str) -> datetime:
        self[text] = moment = instant(text)
        return moment


def by_interval(
    demands: list[HourDemand],
) -> Iterator[tuple[tuple[int, datetime], list[HourDemand]]]:
    """Demands gathered by (area, interval start), in time order."""
    gathered: dict[tuple[int, datetime], list[HourDemand]] = defaultdict(list)
    for demand in demands:
        gathered[demand.area_id, demand.starts_at].append(demand)
    yield from sorted(gathered.items(), key=lambda item: (item[0][1], item[0][0]))
