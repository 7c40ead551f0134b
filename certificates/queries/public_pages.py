"""What anyone may know of plants, certificates and hours, in totals."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from certificates.models import Device, Lot, OwnRetirement, Retirement

RENEWABLE = Q(mask__in=(1, 3))
STORED = Q(device__kind=Device.Kind.STORAGE)
PUBLIC_STATUSES = (
    Device.Status.APPROVED,
    Device.Status.SUSPENDED,
    Device.Status.DECOMMISSIONED,
)


@dataclass(frozen=True, slots=True)
class Month:
    """Wh of one UTC month: issued, and retired of what was issued in it."""

    starts_at: datetime
    hours: int
    issued_wh: int
    retired_wh: int


@dataclass(frozen=True, slots=True)
class AreaHour:
    """Wh of one interval and area: issued, and retired as renewable or for emissions alone.

    `from_storage_wh` of what was issued was generated, and certified, in an earlier hour.
    """

    area: str
    starts_at: datetime
    issued_wh: int
    retired_wh: int
    from_storage_wh: int = 0

    @property
    def left_wh(self) -> int:
        """Wh still held, expired or withdrawn."""
        return self.issued_wh - self.retired_wh


def public_devices() -> QuerySet[Device]:
    """Plants that passed approval; drafts are their owners' own business."""
    return Device.objects.filter(status__in=PUBLIC_STATUSES).select_related("area", "organisation")


def months(device: Device) -> list[Month]:
    """A plant's certificates, month by month."""
    issued = (
        Lot.objects.standing()
        .filter(device=device)
        .annotate(month=TruncMonth("starts_at"))
        .values_list("month")
        .annotate(hours=Count("pk"), wh=Sum("amount_wh"))
        .order_by("month")
    )
    retired: dict[datetime, int] = defaultdict(int)
    for used in _used():
        by_month = used.filter(lot__device=device).annotate(month=TruncMonth("lot__starts_at"))
        for month, wh in by_month.values_list("month").annotate(wh=Sum("amount_wh")).order_by():
            retired[month] += wh
    return [Month(month, hours, wh, retired[month]) for month, hours, wh in issued]


def hours(starts_at: datetime, ends_at: datetime) -> list[AreaHour]:
    """Every interval in [starts_at, ends_at) with certificates, by area and time."""
    period = {"starts_at__gte": starts_at, "starts_at__lt": ends_at}
    issued = (
        Lot.objects.standing()
        .filter(**period)
        .values_list("device__area__name", "starts_at")
        .annotate(wh=Sum("amount_wh"), stored=Sum("amount_wh", filter=STORED, default=0))
        .order_by("device__area__name", "starts_at")
    )
    retired: dict[tuple[str, datetime], int] = defaultdict(int)
    for used in _used():
        inside = used.filter(lot__starts_at__gte=starts_at, lot__starts_at__lt=ends_at)
        by_hour = inside.values_list("lot__device__area__name", "lot__starts_at")
        for area, at, wh in by_hour.annotate(wh=Sum("amount_wh")).order_by():
            retired[area, at] += wh
    return [AreaHour(area, at, wh, retired[area, at], stored) for area, at, wh, stored in issued]


def _used() -> tuple[QuerySet[Any, Any], ...]:
    """What was retired as renewable: by the registry for a claim, and by holders themselves."""
    return Retirement.objects.standing().filter(RENEWABLE), OwnRetirement.objects.filter(RENEWABLE)


def span() -> tuple[datetime, datetime] | None:
    """The first and the last interval that has certificates."""
    starts = Lot.objects.standing().values_list("starts_at", flat=True)
    first, last = starts.order_by("starts_at").first(), starts.order_by("-starts_at").first()
    return (first, last) if first and last else None
