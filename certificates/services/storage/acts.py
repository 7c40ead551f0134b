"""What a person does with storage by page: for ten minutes it can be undone."""

from datetime import datetime
from typing import Any

from django.db import transaction

from certificates.domain.storage.flows import Flows
from certificates.errors import StorageRefused
from certificates.models import Device, StorageAct, SubAccount
from certificates.services.holding.cancellations import UNDO
from certificates.services.holding.holds import set_apart
from certificates.services.holding.moving import moves_between, post_moves
from certificates.services.in_turn import in_turn
from certificates.services.storage import closing as storage_closing
from certificates.services.storage import records as storage_records
from certificates.services.storage.charging import fitting_amounts
from certificates.services.storage.devices import locked_storage
from certificates.services.storage.records import RecordReport, WithdrawalReport
from certificates.services.storage.undoing import carry_out
from ledger.services import audit

IN_ONE_RUN = 100  # acts carried out in one run of the task
Kind, Status = StorageAct.Kind, StorageAct.Status


@transaction.atomic
def send_records(
    *, device: Device, flows: Flows, replace: bool, now: datetime, actor: object
) -> RecordReport:
    """Take records; they count at once. Raises: as `storage_records.record`."""
    report, rows = storage_records.record_rows(
        device=device, flows=flows, replace=replace, now=now, actor=actor
    )
    if rows:
        ids = [row.pk for row in rows]
        _create(device, Kind.RECORDS, {"records": ids}, now, actor)
    return report


@transaction.atomic
def withdraw_records(
    *, device: Device, record_ids: list[int], now: datetime, actor: object
) -> WithdrawalReport:
    """Take records out of force at once. Raises: as `storage_records.withdraw`."""
    report = storage_records.withdraw(device=device, record_ids=record_ids, now=now, actor=actor)
    _create(device, Kind.WITHDRAWAL, {"records": sorted(set(record_ids))}, now, actor)
    return report


@transaction.atomic
def charge(
    *,
    device: Device,
    starts_at: datetime,
    ends_at: datetime,
    seen_wh: int | None,
    now: datetime,
    actor: object,
) -> StorageAct:
    """Set certificates apart that fit the charges of a period; they are retired when due.

    A second click answers with the first act. Raises: StorageRefused, SelectionChanged,
    ledger.errors.Overdrawn.
    """
    device, _ = locked_storage(device)
    known = scheduled(device, Kind.CHARGING)
    if known:
        return known
    amounts = fitting_amounts(device=device, starts_at=starts_at, ends_at=ends_at, seen_wh=seen_wh)
    if not amounts:
        raise StorageRefused("You hold nothing that fits these charges. Nothing was done.")
    owner, total = device.organisation, sum(amounts.values())
    apart = set_apart(owner, SubAccount.Purpose.SCHEDULED, "about to be stored")
    detail = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    made = _create(device, Kind.CHARGING, detail, now, actor, sub_account=apart, amount_wh=total)
    moves = moves_between(owner.account_id, apart.account_id, amounts)
    post_moves(key=f"storage-act:{made.pk}", moves=moves, now=now)
    return made


@transaction.atomic
def settle(
    *,
    device: Device,
    starts_at: datetime,
    stored_wh: int,
    seen_wh: int,
    now: datetime,
    actor: object,
) -> StorageAct:
    """Settle the loss interval that began at `starts_at` as it was shown, when due.

    A second click answers with the first act. Raises: StorageRefused and others, as
    `storage_closing.preview`.
    """
    device, _ = locked_storage(device)
    detail = {"starts_at": starts_at.isoformat(), "stored_wh": stored_wh}
    known = scheduled(device, Kind.SETTLEMENT)
    if known and known.detail == detail:
        return known
    if known:
        raise StorageRefused(
            f"This interval is about to be settled with {known.detail['stored_wh']} Wh stored. "
            "Undo that first."
        )
    if scheduled(device, Kind.CHARGING):
        raise StorageRefused(
            "Certificates are about to be retired for charges. Wait for that, or undo it."
        )
    found = storage_closing.preview(
        device=device, starts_at=starts_at, stored_wh=stored_wh, now=now
    )
    given_wh = found.closing.given_wh
    storage_closing.check_seen(given_wh, seen_wh)
    return _create(device, Kind.SETTLEMENT, detail, now, actor, amount_wh=given_wh)


def scheduled(device: Device, kind: str) -> StorageAct | None:
    """The act of a kind that has not ended; of charging and settlement there is one at a time."""
    return StorageAct.objects.filter(device=device, kind=kind, status=Status.SCHEDULED).first()


def carry_out_due(*, now: datetime) -> int:
    """Carry out what is due, each in its own transaction; returns how many were."""
    due = StorageAct.objects.filter(status=Status.SCHEDULED, due_at__lte=now)
    rows = list(due.order_by("due_at")[:IN_ONE_RUN])
    return in_turn(rows, lambda one: carry_out(act=one, now=now))


def _create(
    device: Device, kind: str, detail: dict[str, Any], now: datetime, actor: object, **more: Any
) -> StorageAct:
    made = StorageAct.objects.create(
        device=device,
        kind=kind,
        detail=detail,
        asked_by=str(actor)[:200],
        asked_at=now,
        due_at=now + UNDO,
        **more,
    )
    audit.record(
        actor=actor,
        action=f"storage_act.{kind}",
        subject=made,
        now=now,
        detail={"device": device.gsrn, "amount_wh": made.amount_wh},
    )
    return made
