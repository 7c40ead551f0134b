"""Undoing what a person did with storage, or carrying it out when its time has come."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from certificates.domain.storage import act_states as states
from certificates.errors import CertificatesError, StorageRefused
from certificates.models import Device, StorageAct, StorageRecord
from certificates.queries.storage.records import closed_until, in_force
from certificates.services import notices
from certificates.services.storage import charging as storage_charging
from certificates.services.storage import closing as storage_closing
from certificates.services.storage import records as storage_records
from certificates.services.storage.apart import account_of, ended_by, give_back
from ledger.errors import LedgerError
from ledger.services import audit

Kind, Status = StorageAct.Kind, StorageAct.Status
Records = StorageRecord.Status
LOOK_UP = 500  # ids in one query


@transaction.atomic
def undo(*, act: StorageAct, now: datetime, actor: object) -> StorageAct:
    """Take an act back while it can be; a second time changes nothing.

    Records are in force again as they were, as new versions; what had gone back to the owner
    because of the act stays there. Raises: StorageRefused.
    """
    locked = _lock(act)
    if not states.check("undo", locked.status):
        return locked
    if now >= locked.due_at:
        raise StorageRefused("The time to undo it is over.")
    if locked.kind == Kind.RECORDS:
        _take_back(locked, now)
    elif locked.kind == Kind.WITHDRAWAL:
        _put_back(locked, now)
    else:
        give_back(locked, "undo", now)
    return _end(locked, "undo", "", now, actor)


@transaction.atomic
def carry_out(*, act: StorageAct, now: datetime) -> StorageAct:
    """Do what was asked for, once its time is over. Where it cannot be done any more, what was
    set apart goes back and the owner is told why. Raises: StorageRefused before its time."""
    locked = _lock(act)
    if not states.check("carry out", locked.status):
        return locked
    if now < locked.due_at:
        raise StorageRefused(f"It can be undone until {locked.due_at:%H:%M:%S} UTC.")
    work = CARRYING.get(locked.kind)
    try:
        with transaction.atomic():
            outcome = work(locked, now) if work else ""
    except (CertificatesError, LedgerError) as error:
        give_back(locked, "empty", now)
        _tell(locked, f"{locked.get_kind_display()}: nothing was done. {error}", now)
        return _end(locked, "give up", str(error), now, locked.asked_by)
    return _end(locked, "carry out", outcome, now, locked.asked_by)


@transaction.atomic
def end_all(*, device: Device, now: datetime) -> None:
    """Storage changes hands: what was to be retired goes back to who set it apart, a settlement
    that was planned does not take place, and records count as they were sent."""
    acts = StorageAct.objects.filter(device=device, status=Status.SCHEDULED)
    for act in acts.select_related("device__organisation", "sub_account__organisation"):
        if act.kind not in CARRYING:
            _end(act, "carry out", "", now, "registry")
            continue
        give_back(act, "handover", now)
        words = f"{device.name} changed hands before its time had come."
        _tell(act, f"{act.get_kind_display()}: nothing was done. {words}", now)
        _end(act, "give up", words, now, "registry")


@transaction.atomic
def return_refused(*, entry_ids: Sequence[int], now: datetime) -> None:
    """What the chain refused to take out of an ended act's account goes back to its owner."""
    for one in ended_by(entry_ids):
        wh = give_back(one, f"refused:{min(entry_ids)}", now)
        if wh:
            words = f"{wh} Wh could not be retired for its charges; you hold them again."
            _tell(one, words, now, mark=f"refused:{min(entry_ids)}")


def _charge(act: StorageAct, now: datetime) -> str:
    begin, end = (datetime.fromisoformat(act.detail[name]) for name in ("starts_at", "ends_at"))
    report = storage_charging.charge_from(
        device=act.device, account=account_of(act), span=(begin, end), now=now, actor=act.asked_by
    )
    left = give_back(act, "rest", now)
    if left:
        words = f"{left} of {act.amount_wh} Wh fitted no charge any more; you hold them again."
        _tell(act, words, now)
    return f"{report.amount_wh} Wh retired."


def _settle(act: StorageAct, now: datetime) -> str:
    interval = storage_closing.close_interval(
        device=act.device,
        starts_at=datetime.fromisoformat(act.detail["starts_at"]),
        stored_wh=act.detail["stored_wh"],
        seen_wh=act.amount_wh,
        now=now,
        actor=act.asked_by,
    )
    return f"{interval.given_wh} Wh certified again."


# Records count since they were sent or withdrawn: nothing is left to do.
CARRYING: dict[str, Callable[[StorageAct, datetime], str]] = {
    Kind.CHARGING: _charge,
    Kind.SETTLEMENT: _settle,
}


def _take_back(act: StorageAct, now: datetime) -> None:
    """Records that were sent go; what each had replaced is in force again."""
    made = [row for row in _records(act) if row.status == Records.IN_FORCE]
    _check_open(act.device, made)
    before = _earlier(act.device, made)
    known = {(row.direction, row.starts_at): row for row in made}
    gone = [row for place, row in known.items() if place not in before]
    storage_records.take_out_of_force(gone, now)
    again = [_copy(row) for row in before.values()]
    storage_records.put_in_force(act.device, again, known, now)


def _put_back(act: StorageAct, now: datetime) -> None:
    """Records that were withdrawn are in force again."""
    rows = [row for row in _records(act) if row.status == Records.WITHDRAWN]
    _check_open(act.device, rows)
    begin = min((row.starts_at for row in rows), default=now) - storage_records.HOUR
    end = max((row.ends_at for row in rows), default=now)
    there = storage_records.occupied(in_force(act.device, begin, end))
    taken = [there.overlapping(row.direction, row.starts_at, row.ends_at) for row in rows]
    if other := next((one for one in taken if one), None):
        raise StorageRefused(
            f"Another record from {other.starts_at:%Y-%m-%d %H:%M} UTC took their place. "
            "Withdraw that first."
        )
    storage_records.put_in_force(act.device, [_copy(row) for row in rows], {}, now)


def _records(act: StorageAct) -> list[StorageRecord]:
    ids, found = act.detail["records"], []
    for begin in range(0, len(ids), LOOK_UP):
        rows = StorageRecord.objects.filter(device=act.device, pk__in=ids[begin : begin + LOOK_UP])
        found += list(rows.order_by("pk"))
    return found


def _earlier(
    device: Device, made: Sequence[StorageRecord]
) -> dict[tuple[str, datetime], StorageRecord]:
    """What each record had replaced, by direction and start."""
    wanted = {(row.direction, row.starts_at, row.version - 1) for row in made}
    found: dict[tuple[str, datetime], StorageRecord] = {}
    for begin in range(0, len(made), LOOK_UP):
        rows = StorageRecord.objects.filter(
            device=device,
            status=Records.REPLACED,
            starts_at__in=[row.starts_at for row in made[begin : begin + LOOK_UP]],
        )
        found |= {
            (row.direction, row.starts_at): row
            for row in rows
            if (row.direction, row.starts_at, row.version) in wanted
        }
    return found


def _copy(row: StorageRecord) -> StorageRecord:
    """The same said again: a version in force is never made of an old row."""
    return StorageRecord(
        device_id=row.device_id,
        direction=row.direction,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        energy_wh=row.energy_wh,
        raw_value=row.raw_value,
        validator=row.validator,
        sha256=row.sha256,
        line=row.line,
    )


def _check_open(device: Device, rows: Sequence[StorageRecord]) -> None:
    closed = closed_until(device)
    if closed and any(row.starts_at < closed for row in rows):
        raise StorageRefused(
            f"The loss interval until {closed:%Y-%m-%d} was settled meanwhile: its records stand."
        )


def _lock(act: StorageAct) -> StorageAct:
    # The device first, as every act of storage does.
    Device.objects.select_for_update().get(pk=act.device_id)
    found = StorageAct.objects.select_related("device__organisation", "sub_account__organisation")
    return found.select_for_update(of=("self",)).get(pk=act.pk)


def _end(act: StorageAct, event: str, outcome: str, now: datetime, actor: object) -> StorageAct:
    act.status, act.outcome, act.ended_at = states.TRANSITIONS[event], outcome[:500], now
    act.save(update_fields=["status", "outcome", "ended_at"])
    audit.record(
        actor=actor,
        action=f"storage_act.{act.status}",
        subject=act,
        now=now,
        detail={"kind": act.kind, "outcome": act.outcome},
    )
    return act


def _tell(act: StorageAct, words: str, now: datetime, mark: str = "less") -> None:
    owner = act.sub_account or act.device  # storage may have changed hands since
    notices.send(
        key=f"storage-act:{act.pk}:{mark}",
        organisation_id=owner.organisation_id,
        kind=notices.Kind.STORAGE,
        message=f"{act.device.name}: {words}",
        amount_wh=act.amount_wh,
        now=now,
    )
