"""What a handover of a plant finds there, and handovers as their two sides see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from certificates.domain.handover_states import OPEN
from certificates.models import (
    Agreement,
    AgreementProposal,
    Device,
    Handover,
    Lot,
    MeterFile,
    Organisation,
    Reading,
    StorageRecord,
)
from certificates.queries.plants.ownership import had_by
from certificates.queries.readings.tallies import open_debt_wh
from certificates.queries.readings.whole_waiting import waiting_wh
from certificates.queries.storage.handover import Content, content_of
from ledger.models import Balance

SHOWN = 20
STORAGE = Device.Kind.STORAGE


@dataclass(frozen=True, slots=True)
class HandoverEffect:
    """Before a handover: what is open at the plant, and what becomes of it.

    `debt_wh` and `waiting_wh` go with the plant; `drafts` have to be imported before the day or
    lapse; `held` readings wait for an auditor as before; `agreements` end at the instant, and
    `proposals` lapse. `certified_wh` from the day on has been certified to the owner already:
    above nothing, the day is too early. `content` is what is in storage; None for a plant.
    """

    debt_wh: int
    waiting_wh: int
    drafts: int
    held: int
    agreements: list[Agreement]
    proposals: list[AgreementProposal]
    certified_wh: int
    content: Content | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """Wh of a plant's production (of storage: of what came out) before it was handed over, for
    who gave it away."""

    produced_wh: int
    certified_wh: int
    held_wh: int
    first_at: datetime | None


def effect_of(device: Device, effective_at: datetime, now: datetime) -> HandoverEffect:
    """What a handover at an instant would meet."""
    readings = Reading.objects.filter(device=device, status=Reading.Status.HELD)
    drafts = device.meter_files.filter(status=MeterFile.Status.PREVIEWED)
    proposals = device.proposals.filter(status=AgreementProposal.Status.OPEN)
    return HandoverEffect(
        debt_wh=open_debt_wh(device),
        waiting_wh=max(0, waiting_wh(device, now)),
        drafts=drafts.count(),
        held=readings.count(),
        agreements=list(reaching(device, effective_at).select_related("to")),
        proposals=list(proposals.select_related("to", "proposed_by")),
        certified_wh=certified_since(device, effective_at),
        content=content_of(device, effective_at, now) if device.kind == STORAGE else None,
    )


def reaching(device: Device, instant: datetime) -> QuerySet[Agreement]:
    """The device's agreements that would still hold at an instant or after it."""
    open_end = Q(ended_from__isnull=True) & (Q(ends_at__isnull=True) | Q(ends_at__gt=instant))
    ended_later = Q(ended_from__gt=instant) & Q(ended_from__gt=F("starts_at"))
    return device.agreements.filter(open_end | ended_later).order_by("pk")


def certified_since(device: Device, instant: datetime) -> int:
    """Wh that stand certified of intervals from an instant on."""
    lots = Lot.objects.standing().filter(device=device, starts_at__gte=instant)
    return int(lots.aggregate(wh=Sum("amount_wh"))["wh"] or 0)


def handovers_of(organisation: Organisation) -> QuerySet[Handover]:
    """Those it is a side of, the latest first."""
    sides = Q(seller=organisation) | Q(buyer=organisation)
    return Handover.objects.filter(sides).select_related("device__area", "seller", "buyer")


def handovers_shown(organisations: Iterable[Organisation]) -> list[Handover]:
    """Under way or in force, of any of these, the latest first."""
    mine = [each.pk for each in organisations]
    found = Handover.objects.filter(Q(seller__in=mine) | Q(buyer__in=mine))
    found = found.filter(status__in=(*OPEN, Handover.Status.DONE))
    return list(found.select_related("device", "seller", "buyer")[:SHOWN])


def handovers_open(device: Device) -> Handover | None:
    """The one that is under way."""
    found = device.handovers.filter(status__in=OPEN).select_related("seller", "buyer")
    return found.first()


def record_of(handover: Handover) -> Record:
    """What the seller had of the plant, as the registry knows it now."""
    seller = handover.seller
    mine = had_by(seller)
    metered: QuerySet[Any] = Reading.objects.filter(
        mine,
        device=handover.device,
        status=Reading.Status.ACCEPTED,
        replaced_by__isnull=True,
        energy_wh__gt=0,
        starts_at__lt=handover.effective_at,
    )
    if handover.device.kind == STORAGE:
        metered = StorageRecord.objects.filter(
            mine,
            device=handover.device,
            status=StorageRecord.Status.IN_FORCE,
            direction=StorageRecord.Direction.DISCHARGE,
            starts_at__lt=handover.effective_at,
        )
    lots = Lot.objects.standing().filter(
        mine, device=handover.device, starts_at__lt=handover.effective_at
    )
    own = Q(account=seller.account_id) | Q(account__sub_account__organisation=seller)
    held = Balance.objects.filter(own, asset__lot_asset__lot__device=handover.device)
    held = held.exclude(asset__lot_asset__mask=2, asset__lot_asset__lot__mask=3)
    return Record(
        produced_wh=int(metered.aggregate(wh=Sum("energy_wh"))["wh"] or 0),
        certified_wh=int(lots.aggregate(wh=Sum("amount_wh"))["wh"] or 0),
        held_wh=int(held.aggregate(wh=Sum("amount"))["wh"] or 0),
        first_at=metered.order_by("starts_at").values_list("starts_at", flat=True).first(),
    )
