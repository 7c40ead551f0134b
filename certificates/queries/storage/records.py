"""What is recorded of storage, what was retired for its charges, and which interval is open."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, QuerySet

from certificates.domain.storage.terms import loss_interval
from certificates.models import ChargeAllocation, Device, LossInterval, StorageRecord, StorageTerms
from ledger.models import OutboxItem

Span = tuple[datetime, datetime]
CHARGE, DISCHARGE = StorageRecord.Direction.CHARGE, StorageRecord.Direction.DISCHARGE


@dataclass(frozen=True, slots=True)
class Backing:
    """Certificates retired for a charge: Wh of one lot with a mask, and how far that is."""

    allocation_id: int
    amount_wh: int
    mask: int
    lot_id: int
    lot_code: str
    is_certified: bool


def in_force(device: Device, starts_at: datetime, ends_at: datetime) -> QuerySet[StorageRecord]:
    """Records of a device that start in [starts_at, ends_at), by time."""
    found = StorageRecord.objects.filter(
        device=device,
        status=StorageRecord.Status.IN_FORCE,
        starts_at__gte=starts_at,
        starts_at__lt=ends_at,
    )
    return found.order_by("starts_at", "direction")


def closed_until(device: Device) -> datetime | None:
    """The end of the last settled loss interval; None before the first."""
    return LossInterval.objects.filter(device=device).aggregate(last=Max("ends_at"))["last"]


def next_interval(terms: StorageTerms) -> Span:
    """The loss interval to be settled next."""
    begin = closed_until(terms.device) or terms.starts_at
    return loss_interval(terms.starts_at, terms.loss_months, begin)


def backings(device: Device, starts_at: datetime, ends_at: datetime) -> dict[Span, list[Backing]]:
    """What stands retired for charges that start in the period, by their interval, in order.

    What was retired for an earlier version of a charge counts for the one in force.
    """
    rows = ChargeAllocation.objects.standing().filter(
        charge__device=device, charge__starts_at__gte=starts_at, charge__starts_at__lt=ends_at
    )
    found: dict[Span, list[Backing]] = defaultdict(list)
    for begin, end, *facts, status in rows.order_by("charge__starts_at", "pk").values_list(
        "charge__starts_at",
        "charge__ends_at",
        "pk",
        "retirement__amount_wh",
        "retirement__mask",
        "retirement__lot",
        "retirement__lot__code",
        "retirement__entry__outbox_item__status",
    ):
        told = (*facts, status == OutboxItem.Status.CERTIFIED)
        found[begin, end].append(Backing(*told))
    return dict(found)


def backed_wh(parts: Iterable[Backing]) -> int:
    """Wh retired for a charge."""
    return sum(part.amount_wh for part in parts)


def last_versions(
    device: Device, direction: str, starts: Sequence[datetime]
) -> dict[datetime, int]:
    """The newest version at each of these instants, whatever became of it."""
    rows = StorageRecord.objects.filter(device=device, direction=direction, starts_at__in=starts)
    return dict(rows.values_list("starts_at").annotate(last=Max("version")).order_by())
