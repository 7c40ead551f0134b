"""A battery beside the way of a Wh: one charge, one discharge, one settled loss interval."""

from datetime import timedelta
from types import SimpleNamespace

from certificates.models import (
    ChargeAllocation,
    Device,
    DischargePart,
    LossInterval,
    StorageAct,
    StorageRecord,
    StorageTerms,
    StoredPart,
)
from tests.trail_facts import HOUR, START, digest

MONTH = timedelta(days=31)


def store(t: SimpleNamespace) -> None:
    """What the trail retired went into a battery, and half of it came out again."""
    battery = _battery(t)
    charge, discharge = (
        StorageRecord.objects.create(
            device=battery,
            direction=direction,
            starts_at=START + n * HOUR,
            ends_at=START + (n + 1) * HOUR,
            energy_wh=wh,
            raw_value=str(wh),
            sha256="0" * 64,
            line=n + 2,
            recorded_at=t.now,
        )
        for n, (direction, wh) in enumerate((("charge", 600), ("discharge", 300)))
    )
    allocation = ChargeAllocation.objects.create(
        charge=charge,
        retirement=t.retirement,
        allocated_at=t.now,
    )
    interval = LossInterval.objects.create(
        device=battery,
        starts_at=START,
        ends_at=START + MONTH,
        opening_wh=0,
        input_wh=600,
        output_wh=300,
        stored_wh=0,
        given_wh=300,
        closed_by="test",
        closed_at=t.now,
    )
    parts = {"interval": interval, "allocation": allocation, "drawn_wh": 600, "given_wh": 300}
    StoredPart.objects.create(**parts, charge=charge, amount_wh=600, lost_wh=0, left_wh=0)
    DischargePart.objects.create(**parts, discharge=discharge, lot=t.lot)
    StorageAct.objects.create(
        device=battery,
        kind=StorageAct.Kind.RECORDS,
        status=StorageAct.Status.DONE,
        detail={"records": [charge.pk, discharge.pk]},
        asked_by="owner@example.org",
        asked_at=t.now,
        due_at=t.now,
        ended_at=t.now,
    )


def _battery(t: SimpleNamespace) -> Device:
    battery = Device.objects.create(
        gsrn=f"{735999100000000000 + t.n}",
        gsrn_origin="synthetic",
        kind=Device.Kind.STORAGE,
        name=f"Battery {t.n}",
        organisation=t.producer,
        capacity_w=1_000_000,
        area=t.area,
        commissioned_on=START.date(),
        status="approved",
        registered_at=t.now,
    )
    StorageTerms.objects.create(
        device=battery,
        capacity_wh=2_000_000,
        method="fifo",
        loss_months=1,
        starts_at=START,
        disclosure_key=digest("storage"),
        fixed_at=t.now,
    )
    return battery
