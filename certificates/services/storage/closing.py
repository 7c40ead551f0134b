"""Settling a loss interval of storage: what it gave back becomes certificates again."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from certificates.domain.storage.closing import Closing, Outflow, Pot, close
from certificates.domain.taking import pro_rata
from certificates.errors import LossIntervalClosed, SelectionChanged, StorageRefused
from certificates.models import (
    ChargeAllocation,
    Device,
    DischargePart,
    LossInterval,
    StorageRecord,
    StorageTerms,
    StoredPart,
)
from certificates.queries.storage.records import CHARGE, Backing, backings, in_force, next_interval
from certificates.services.storage.devices import locked_storage
from certificates.services.storage.lots import (
    DischargeLot,
    Origin,
    origin_of,
    write_discharge_lots,
)
from ledger.services import audit

AT_ONCE = 500  # rows in one statement
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class _Content:
    """Behind a pot: its charge and what was retired for it, where there are any."""

    charge: StorageRecord | None
    allocation: ChargeAllocation | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class Settling:
    """A loss interval as it would be settled; nothing of it is written yet."""

    device: Device
    span: Span
    closing: Closing
    contents: Sequence[_Content]
    origins: Sequence[Origin]
    discharges: dict[int, StorageRecord]

    @property
    def opening_wh(self) -> int:
        """What was stored before."""
        return sum(pot.amount_wh for pot in self.closing.pots if not self.contents[pot.key].is_new)

    @property
    def input_wh(self) -> int:
        """What was charged."""
        return self.closing.available_wh - self.opening_wh


@transaction.atomic
def close_interval(
    *,
    device: Device,
    starts_at: datetime,
    stored_wh: int,
    now: datetime,
    actor: object,
    seen_wh: int | None = None,
) -> LossInterval:
    """Settle the device's next loss interval, which began at `starts_at`, and issue its lots.

    `stored_wh` is what was stored when it ended, in Wh as charged; `seen_wh` what a person was
    shown to come back. The same again answers with the first result.
    Raises: StorageRefused, StorageUnbalanced, LossIntervalClosed, SelectionChanged.
    """
    device, terms = locked_storage(device)
    known = LossInterval.objects.filter(device=device, starts_at=starts_at).first()
    if known:
        if known.stored_wh != stored_wh:
            raise LossIntervalClosed(
                f"The loss interval from {starts_at:%Y-%m-%d} is settled with {known.stored_wh} "
                "Wh stored at its end. It stays."
            )
        return known
    settling = _settle(terms, starts_at, stored_wh, now)
    check_seen(settling.closing.given_wh, seen_wh)
    interval = _write(settling, now, actor)
    audit.record(
        actor=actor,
        action="storage.settled",
        subject=device,
        now=now,
        detail={"interval": str(interval), "given_wh": interval.given_wh},
    )
    return interval


@transaction.atomic
def preview(*, device: Device, starts_at: datetime, stored_wh: int, now: datetime) -> Settling:
    """What settling would come to; nothing is kept. Raises: as `close_interval`."""
    _, terms = locked_storage(device)
    return _settle(terms, starts_at, stored_wh, now)


def check_seen(given_wh: int, seen_wh: int | None) -> None:
    """Raises: SelectionChanged where a person was shown another result."""
    if seen_wh is not None and given_wh != seen_wh:
        raise SelectionChanged(
            f"{given_wh} Wh would come back by now, not the {seen_wh} Wh that you saw. Look again."
        )


def _settle(terms: StorageTerms, starts_at: datetime, stored_wh: int, now: datetime) -> Settling:
    device, span = terms.device, next_interval(terms)
    if starts_at != span[0]:
        raise StorageRefused(
            f"Loss intervals are settled one after the other; the next began {span[0]:%Y-%m-%d}."
        )
    if span[1] > now:
        raise StorageRefused(
            f"This loss interval ends {span[1]:%Y-%m-%d}. It can be settled from then on."
        )
    if not 0 <= stored_wh <= terms.capacity_wh:
        raise StorageRefused(
            f"{stored_wh} Wh cannot have been stored: there is room for 0 to {terms.capacity_wh} "
            "Wh."
        )
    records = list(in_force(device, *span))
    backed = backings(device, *span)
    waiting = sum(not part.is_certified for parts in backed.values() for part in parts)
    if waiting:
        raise StorageRefused(
            f"{waiting} retirements for charges of this interval are not yet certified. Wait for "
            "the next block, and settle it then."
        )
    pots, contents, origins = _pots(terms, span, records, backed)
    discharges = {row.pk: row for row in records if row.direction != CHARGE}
    flows = [
        Outflow(row.pk, (row.starts_at, row.ends_at), row.energy_wh) for row in discharges.values()
    ]
    closing = close(pots, flows, method=terms.method, stored_wh=stored_wh)
    return Settling(device, span, closing, contents, origins, discharges)


def _pots(
    terms: StorageTerms,
    span: Span,
    records: Sequence[StorageRecord],
    backed: dict[Span, list[Backing]],
) -> tuple[list[Pot], list[_Content], list[Origin]]:
    rows = [*_stored_before(terms, span), *_charged(records, backed)]
    origins: dict[Origin, int] = {}
    pots = []
    for key, (content, amount_wh) in enumerate(rows):
        origin = None
        if content.allocation is not None:
            origin = origins.setdefault(origin_of(content.allocation), len(origins))
        charge = content.charge
        charged = (charge.starts_at, charge.ends_at) if charge else (terms.starts_at,) * 2
        pots.append(Pot(key, charged, amount_wh, origin))
    return pots, [content for content, _ in rows], list(origins)


def _stored_before(terms: StorageTerms, span: Span) -> Iterator[tuple[_Content, int]]:
    if span[0] == terms.starts_at:
        if terms.opening_wh:
            yield _Content(None, None, is_new=False), terms.opening_wh
        return
    left = StoredPart.objects.filter(
        interval__device=terms.device, interval__ends_at=span[0], left_wh__gt=0
    ).select_related(
        "charge",
        "allocation__charge",
        "allocation__retirement__lot__device",
        "allocation__retirement__lot__generated_by",
        "allocation__retirement__lot__factor",
    )
    for part in left.order_by("pk"):
        yield _Content(part.charge, part.allocation, is_new=False), part.left_wh


def _charged(
    records: Sequence[StorageRecord], backed: dict[Span, list[Backing]]
) -> Iterator[tuple[_Content, int]]:
    """What was charged, by what was retired for it; the rest of it is of unknown origin.

    Where more was retired than the charge in force took in, it counts in proportion.
    """
    ids = [part.allocation_id for parts in backed.values() for part in parts]
    allocations: dict[int, ChargeAllocation] = {}
    for begin in range(0, len(ids), AT_ONCE):
        rows = ChargeAllocation.objects.filter(pk__in=ids[begin : begin + AT_ONCE])
        allocations |= rows.select_related(
            "charge",
            "retirement__lot__device",
            "retirement__lot__generated_by",
            "retirement__lot__factor",
        ).in_bulk()
    for row in records:
        if row.direction != CHARGE:
            continue
        parts = backed.get((row.starts_at, row.ends_at), [])
        amounts = [part.amount_wh for part in parts]
        counted = pro_rata(min(row.energy_wh, sum(amounts)), amounts)
        for part, wh in zip(parts, counted, strict=True):
            if wh:
                yield _Content(row, allocations[part.allocation_id], is_new=True), wh
        if row.energy_wh > sum(counted):
            yield _Content(row, None, is_new=True), row.energy_wh - sum(counted)


def _write(settling: Settling, now: datetime, actor: object) -> LossInterval:
    closing = settling.closing
    interval = LossInterval.objects.create(
        device=settling.device,
        starts_at=settling.span[0],
        ends_at=settling.span[1],
        opening_wh=settling.opening_wh,
        input_wh=settling.input_wh,
        output_wh=closing.output_wh,
        stored_wh=closing.stored_wh,
        given_wh=closing.given_wh,
        closed_by=str(actor)[:200],
        closed_at=now,
    )
    StoredPart.objects.bulk_create(_stored_parts(settling, interval), batch_size=AT_ONCE)
    by_lot = _discharge_parts(settling, interval)
    lots = [
        DischargeLot(settling.discharges[outflow], settling.origins[origin], parts)
        for (outflow, origin), parts in by_lot.items()
        if any(part.given_wh for part in parts)
    ]
    write_discharge_lots(device=settling.device, lots=lots, now=now)
    every = [part for parts in by_lot.values() for part in parts]
    DischargePart.objects.bulk_create(every, batch_size=AT_ONCE)
    return interval


def _stored_parts(settling: Settling, interval: LossInterval) -> list[StoredPart]:
    return [
        StoredPart(
            interval=interval,
            charge=settling.contents[pot.key].charge,
            allocation=settling.contents[pot.key].allocation,
            amount_wh=pot.amount_wh,
            drawn_wh=pot.drawn_wh,
            given_wh=pot.given_wh,
            lost_wh=pot.lost_wh,
            left_wh=pot.left_wh,
        )
        for pot in settling.closing.pots
    ]


def _discharge_parts(
    settling: Settling, interval: LossInterval
) -> dict[tuple[int, int], list[DischargePart]]:
    """What was drawn, by discharge and origin: of each that gave something back one lot."""
    by_lot: dict[tuple[int, int], list[DischargePart]] = defaultdict(list)
    for part in settling.closing.parts:
        by_lot[part.outflow, part.origin].append(
            DischargePart(
                interval=interval,
                discharge=settling.discharges[part.outflow],
                allocation=settling.contents[part.pot].allocation,
                drawn_wh=part.drawn_wh,
                given_wh=part.given_wh,
            )
        )
    return by_lot
