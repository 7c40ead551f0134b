"""A driver's charges, and a company's runs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from certificates.models import Organisation, User
from charging.models import (
    Allocation,
    ClosedInterval,
    Location,
    MatchingRun,
    ProvisionalHour,
    Receipt,
    Session,
    SessionClaim,
    SessionHour,
)

LATEST_RUNS = 12


@dataclass(frozen=True, slots=True)
class ClaimedCharge:
    """One charge in a driver's account; Wh matched by renewable generation.

    `public_id` is empty when its links are revoked. A charge that its operator took back
    `is_void`: it counts in no total. While one of its hours `is_open`, `provisional_wh` of
    renewable generation would come to it besides if it closed now.
    """

    session_id: int
    public_id: str
    started_at: datetime
    timezone: str
    location: str
    energy_wh: int
    renewable_wh: int
    note: str
    is_void: bool
    is_open: bool = False
    provisional_wh: int = 0


def charges_of(driver: User) -> list[ClaimedCharge]:
    """The charges a person claimed, the latest first, each with its newest receipt."""
    receipt = Receipt.objects.filter(session=OuterRef("session"), link_revoked_at__isnull=True)
    rows = (
        SessionClaim.objects.filter(driver=driver)
        .annotate(
            public_id=Subquery(receipt.order_by("-version").values("public_id")[:1]),
            matched_wh=Coalesce(Subquery(_matched_wh(OuterRef("session"))), 0),
            is_open=Exists(_open_hours(OuterRef("session"))),
            provisional_wh=Coalesce(Subquery(_provisional_wh(OuterRef("session"))), 0),
        )
        .order_by("-session__started_at", "-pk")
        .values_list(
            "session",
            "public_id",
            "session__started_at",
            "session__area__timezone",
            "session__evse__location__name",
            "session__energy_wh",
            "matched_wh",
            "note",
            "session__voided_at",
            "is_open",
            "provisional_wh",
        )
    )
    return [
        ClaimedCharge(
            row[0], row[1] or "", *row[2:-3], row[-3] is not None, row[-2] and not row[-3], row[-1]
        )
        for row in rows
    ]


def _matched_wh(session: OuterRef) -> QuerySet[Any]:
    """Renewable Wh that stand for a session."""
    standing = Allocation.objects.standing().filter(
        session_hour__session=session, retirement__mask__in=(1, 3)
    )
    by_session = standing.values("session_hour__session")
    return by_session.annotate(wh=Sum("retirement__amount_wh")).values("wh")


def _provisional_wh(session: OuterRef) -> QuerySet[Any]:
    """Renewable Wh that its open hours would come to if they closed now."""
    planned = ProvisionalHour.objects.filter(session_hour__session=session)
    by_session = planned.values("session_hour__session")
    return by_session.annotate(wh=Sum("renewable_wh")).values("wh")


def _open_hours(session: OuterRef) -> QuerySet[SessionHour]:
    """The hours of a charge that are not closed yet."""
    closed = ClosedInterval.objects.filter(
        organisation=OuterRef("session__claimant"),
        area=OuterRef("session__area"),
        starts_at=OuterRef("starts_at"),
    )
    return SessionHour.objects.filter(~Exists(closed), session=session)


@dataclass(frozen=True, slots=True)
class CompanyCharge:
    """One charge of a company, and how much of it is matched (Wh)."""

    pk: int
    uid: str
    started_at: datetime
    site: str
    energy_wh: int
    matched_wh: int


def charges_on(
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    site: Location | None = None,
) -> list[CompanyCharge]:
    """A company's charges that start in a period, at all sites or at one, in time order."""
    matched = (
        Allocation.objects.standing()
        .filter(session_hour__session=OuterRef("pk"))
        .values("session_hour__session")
        .annotate(wh=Sum("retirement__amount_wh"))
        .values("wh")
    )
    charges = Session.objects.filter(
        claimant=organisation, started_at__gte=starts_at, started_at__lt=ends_at
    )
    if site is not None:
        charges = charges.filter(evse__location=site)
    rows = (
        charges.annotate(matched_wh=Coalesce(Subquery(matched), 0))
        .order_by("started_at", "pk")
        .values_list("pk", "uid", "started_at", "evse__location__name", "energy_wh", "matched_wh")
    )
    return [CompanyCharge(*row) for row in rows]


def latest_runs(organisation: Organisation) -> QuerySet[MatchingRun]:
    """A company's latest matching runs."""
    return MatchingRun.objects.filter(organisation=organisation).order_by("-pk")[:LATEST_RUNS]
