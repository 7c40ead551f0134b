"""Charges none of whose hours was matched yet: whose wishes can still be changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from certificates.domain import eecs
from certificates.models import Device, Organisation, User
from charging.domain.wishes import Wished, read
from charging.models import ClosedInterval, Location, Session, SessionFile, SessionHour


@dataclass(frozen=True, slots=True)
class Which:
    """Which of a company's open charges: of a site, of a file, that start in [starts_at,
    ends_at); what is none does not narrow.
    """

    site: Location | None = None
    file: SessionFile | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WishCount:
    """How many open charges wish the same, and their whole Wh."""

    wished: Wished
    charges: int
    energy_wh: int


@dataclass(frozen=True, slots=True)
class WishChoices:
    """(slug, name) of suppliers and (code, name) of sources that plants here have."""

    suppliers: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str], ...]


def open_charges(organisation: Organisation, which: Which) -> QuerySet[Session]:
    """The company's standing charges of which no hour was matched yet."""
    charges = _open(Session.objects.filter(claimant=organisation))
    if which.site is not None:
        charges = charges.filter(evse__location=which.site)
    if which.file is not None:
        charges = charges.filter(file=which.file)
    if which.starts_at is not None:
        charges = charges.filter(started_at__gte=which.starts_at)
    if which.ends_at is not None:
        charges = charges.filter(started_at__lt=which.ends_at)
    return charges


def open_charges_of_driver(driver: User) -> QuerySet[Session]:
    """The charges kept in an account of which no hour was matched yet, whoever claims them."""
    return _open(Session.objects.filter(claim__driver=driver))


def _open(charges: QuerySet[Session]) -> QuerySet[Session]:
    closed = ClosedInterval.objects.filter(
        organisation=OuterRef("session__claimant"),
        area=OuterRef("session__area"),
        starts_at=OuterRef("starts_at"),
    )
    matched = SessionHour.objects.filter(Exists(closed), session=OuterRef("pk"))
    return charges.filter(~Exists(matched), voided_at=None)


def wish_counts(organisation: Organisation) -> Sequence[WishCount]:
    """What the open charges wish, the most frequent first."""
    rows = (
        open_charges(organisation, Which())
        .values_list("green_tariff", "preferences")
        .annotate(charges=Count("pk"), wh=Sum("energy_wh"))
        .order_by()
    )
    found: dict[Wished, list[int]] = {}
    for first, wish, charges, wh in rows:
        sums = found.setdefault(read(first, wish), [0, 0])
        sums[0] += charges
        sums[1] += wh
    counts = [WishCount(wished, *sums) for wished, sums in found.items()]
    return sorted(counts, key=lambda each: -each.charges)


def wish_choices() -> WishChoices:
    """What approved plants offer to choose from."""
    plants = Device.objects.filter(status=Device.Status.APPROVED).order_by()
    suppliers = plants.values_list("organisation__slug", "organisation__name").distinct()
    codes = plants.values_list("energy_source_code", flat=True).distinct()
    return WishChoices(
        tuple(sorted(suppliers, key=lambda row: row[1])),
        tuple((code, eecs.source_name(code)) for code in sorted(codes)),
    )
