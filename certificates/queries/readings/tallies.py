"""The sums of intervals that were issued, corrected or charged with what a device owes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from django.db.models import Q, QuerySet, Sum

from certificates.domain.tally import Tally
from certificates.models import Correction, CorrectionPart, DebtMove, Device, Lot, Quality, Reading

ISSUING_QUALITIES = (Quality.MEASURED, Quality.CALCULATED)
HERE = (CorrectionPart.Source.LOT, CorrectionPart.Source.AGREEMENT)
LOOK_UP = 500  # instants or ids in one query
Kind = DebtMove.Kind
Item = TypeVar("Item")


def readings_in_force(device: Device, now: datetime) -> QuerySet[Reading]:
    """Accepted, not replaced, over, and of a quality that issues certificates."""
    return Reading.objects.filter(
        device=device,
        status=Reading.Status.ACCEPTED,
        replaced_by__isnull=True,
        quality__in=ISSUING_QUALITIES,
        ends_at__lte=now,
    )


def tallies(device: Device, starts: Iterable[datetime], now: datetime) -> dict[datetime, Tally]:
    """A tally for each interval of the device that starts at one of these instants."""
    found: dict[datetime, Tally] = {}
    for chunk in chunks(sorted(set(starts))):
        found |= _tallies(device, Q(starts_at__in=chunk), chunk, now)
    return found


def open_debt_wh(device: Device) -> int:
    """What a device owes: certified or consumed, and not yet withheld from issuance."""
    total = DebtMove.objects.filter(device=device).aggregate(wh=Sum("amount_wh"))["wh"]
    return int(total or 0)


def amended_starts(
    device: Device, starts_at: datetime | None, ends_at: datetime | None
) -> list[datetime]:
    """Intervals with a correction or a change of debt, in time order."""
    period = period_of(starts_at, ends_at)
    starts: set[datetime] = set()
    for model in (Correction, DebtMove):
        rows = model.objects.filter(period, device=device)
        starts |= set(rows.values_list("starts_at", flat=True))
    return sorted(starts)


def period_of(starts_at: datetime | None, ends_at: datetime | None) -> Q:
    """The condition that an interval starts in [starts_at, ends_at), open where None."""
    found = Q()
    if starts_at is not None:
        found &= Q(starts_at__gte=starts_at)
    if ends_at is not None:
        found &= Q(starts_at__lt=ends_at)
    return found


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """So many at a time as one query may name."""
    for begin in range(0, len(items), LOOK_UP):
        yield items[begin : begin + LOOK_UP]


def _tallies(
    device: Device, where: Q, starts: Sequence[datetime], now: datetime
) -> dict[datetime, Tally]:
    found = dict.fromkeys(starts, Tally())

    def add(at: datetime, name: str, wh: int) -> None:
        found[at] = replace(found[at], **{name: getattr(found[at], name) + wh})

    for at, wh in (
        readings_in_force(device, now).filter(where).values_list("starts_at", "energy_wh")
    ):
        add(at, "generated_wh", wh)
    lots = Lot.objects.standing().filter(where, device=device)
    for at, wh in lots.values_list("starts_at", "amount_wh"):
        add(at, "standing_wh", wh)
    parts = CorrectionPart.objects.standing().filter(
        correction__device=device, correction__starts_at__in=starts
    )
    for at, source, wh in parts.values_list("correction__starts_at", "source", "amount_wh"):
        if source in HERE:
            add(at, "standing_wh", -wh)
        else:
            add(at, "elsewhere_wh", wh)
    moves = DebtMove.objects.filter(where, device=device)
    for at, kind, wh in moves.values_list("starts_at", "kind", "amount_wh"):
        if kind == Kind.CORRECTION:
            add(at, "owed_wh", wh)
        elif kind == Kind.CONSUMPTION:
            add(at, "consumed_wh", wh)
        else:
            add(at, "withheld_wh", -wh)
    return found
