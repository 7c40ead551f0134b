"""A driver's charges, and a company's runs."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from certificates.models import Organisation, User
from charging.models import Allocation, Location, MatchingRun, Receipt, Session, SessionClaim

LATEST_RUNS = 12


@dataclass(frozen=True, slots=True)
class ClaimedCharge:
    """One charge in a driver's account; Wh matched by renewable generation.

    `public_id` is empty when its links are revoked. A charge that its operator took back
    `is_void`: it counts in no total.
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


def charges_of(driver: User) -> list[ClaimedCharge]:
    """The charges a person claimed, the latest first, each with its newest receipt."""
    receipt = Receipt.objects.filter(session=OuterRef("session"), link_revoked_at__isnull=True)
    matched = (
        Allocation.objects.standing()
        .filter(session_hour__session=OuterRef("session"), retirement__mask__in=(1, 3))
        .values("session_hour__session")
        .annotate(wh=Sum("retirement__amount_wh"))
        .values("wh")
    )
    rows = (
        SessionClaim.objects.filter(driver=driver)
        .annotate(
            public_id=Subquery(receipt.order_by("-version").values("public_id")[:1]),
            matched_wh=Coalesce(Subquery(matched), 0),
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
        )
    )
    return [ClaimedCharge(row[0], row[1] or "", *row[2:-1], row[-1] is not None) for row in rows]


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
