"""Charge and discharge records: taken, replaced by later versions, withdrawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from certificates.domain.storage.flows import START, Flow, Flows
from certificates.domain.storage.occupied import Occupied
from certificates.errors import LinesRefused, RefusedLine
from certificates.models import ChargeAllocation, Device, StorageRecord, StorageTerms
from certificates.queries.policies import policy_at, tolerance_percent_at
from certificates.queries.storage.records import (
    CHARGE,
    DISCHARGE,
    closed_until,
    in_force,
    last_versions,
)
from certificates.services.holding.retirement import undo
from certificates.services.storage.apart import ended_by, give_back
from certificates.services.storage.devices import locked_storage
from ledger.errors import AlreadySettled
from ledger.services import audit

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
LOOK_UP = 500  # instants in one query
Status = StorageRecord.Status
InForce = Mapping[tuple[str, datetime], StorageRecord]


@dataclass(slots=True)
class RecordReport:
    """Lines by what became of them; together all that were sent."""

    rows: int = 0
    recorded: int = 0
    replaced: int = 0
    duplicates: int = 0
    empty: int = 0


@dataclass(slots=True)
class WithdrawalReport:
    """What was withdrawn. `kept_wh` stay retired for its charges, as they are on the chain."""

    records: int = 0
    returned_wh: int = 0
    kept_wh: int = 0


def record(
    *, device: Device, flows: Flows, replace: bool = False, now: datetime, actor: object
) -> RecordReport:
    """Take records of an approved storage device, all or none; again changes nothing.

    A line with another value for an interval that has one is refused, unless it shall `replace`
    it by a new version. Raises: StorageRefused, LinesRefused with every line that cannot be.
    """
    return record_rows(device=device, flows=flows, replace=replace, now=now, actor=actor)[0]


@transaction.atomic
def record_rows(
    *, device: Device, flows: Flows, replace: bool = False, now: datetime, actor: object
) -> tuple[RecordReport, list[StorageRecord]]:
    """The same, with the records that are in force by it. Raises: as `record`."""
    device, terms = locked_storage(device)
    report = RecordReport(rows=len(flows.flows) + flows.empty, empty=flows.empty)
    if not flows.flows:
        return report, []
    known = _known(device, flows.flows)
    judge = partial(
        _refusal,
        device=device,
        terms=terms,
        closed=closed_until(device),
        now=now,
        tolerance_percent=tolerance_percent_at(policy_at(now)),
    )
    there = occupied(known.values())
    fresh: list[Flow] = []
    refused: list[RefusedLine] = []
    for flow in flows.flows:
        standing = known.get((flow.direction, flow.starts_at))
        if standing and _is_same(flow, standing):
            report.duplicates += 1
        elif reason := judge(flow) or _clash(flow, standing, there, replace):
            refused.append(RefusedLine(flow.line, START, reason))
        else:
            fresh.append(flow)
    if refused:
        raise LinesRefused(refused)
    rows = [_row(device, flow, flows.sha256) for flow in fresh]
    report.replaced = put_in_force(device, rows, known, now)
    report.recorded = len(fresh) - report.replaced
    if fresh:
        detail = asdict(report) | {"sha256": flows.sha256}
        audit.record(actor=actor, action="storage.recorded", subject=device, now=now, detail=detail)
    return report, rows


@transaction.atomic
def withdraw(
    *, device: Device, record_ids: Sequence[int], now: datetime, actor: object
) -> WithdrawalReport:
    """Take records out of force, all or none, while their loss interval is open.

    Certificates of theirs that are not yet on their way to the chain go back to their holder;
    the others stay retired for the interval, and a new record of it takes them over.
    Raises: StorageRefused, LinesRefused with every record that cannot be.
    """
    device, _ = locked_storage(device)
    closed = closed_until(device)
    found = StorageRecord.objects.filter(device=device).in_bulk(list(record_ids))
    refused = [
        RefusedLine(n, "record", reason)
        for n, pk in enumerate(record_ids, start=1)
        if (reason := _stays(found.get(pk), closed))
    ]
    if refused or not record_ids:
        raise LinesRefused(refused or [RefusedLine(0, "records", "Name at least one record.")])
    report = take_out_of_force(list(found.values()), now)
    audit.record(
        actor=actor,
        action="storage.withdrawn",
        subject=device,
        now=now,
        detail=asdict(report) | {"ids": sorted(found)[:LOOK_UP]},
    )
    return report


def take_out_of_force(rows: Sequence[StorageRecord], now: datetime) -> WithdrawalReport:
    """Withdraw records in force. The device must be locked, their loss interval open."""
    report = WithdrawalReport(records=len(rows))
    for one in rows:
        one.status, one.withdrawn_at = Status.WITHDRAWN, now
        if one.direction == CHARGE:
            returned, kept = release(one, 0, now)
            report.returned_wh += returned
            report.kept_wh += kept
    StorageRecord.objects.bulk_update(rows, ["status", "withdrawn_at"], batch_size=LOOK_UP)
    return report


def put_in_force(
    device: Device, rows: Sequence[StorageRecord], known: InForce, now: datetime
) -> int:
    """Write records as the newest versions of their intervals, in place of those `known` there.

    Returns how many were replaced. The device must be locked, their loss interval open.
    """
    places = [(row.direction, row.starts_at) for row in rows]
    replaced = [known[place] for place in places if place in known]
    for row in replaced:
        row.status = Status.REPLACED
    StorageRecord.objects.bulk_update(replaced, ["status"], batch_size=LOOK_UP)
    last: dict[tuple[str, datetime], int] = {}
    for direction in (CHARGE, DISCHARGE):
        starts = [at for way, at in places if way == direction]
        for begin in range(0, len(starts), LOOK_UP):
            found = last_versions(device, direction, starts[begin : begin + LOOK_UP])
            last |= {(direction, at): version for at, version in found.items()}
    for row, place in zip(rows, places, strict=True):
        row.version, row.recorded_at = last.get(place, 0) + 1, now
    StorageRecord.objects.bulk_create(rows, batch_size=LOOK_UP)
    for row in rows:
        if row.direction == CHARGE and row.version > 1:
            release(row, row.energy_wh, now)
    return len(replaced)


def occupied(rows: Iterable[StorageRecord]) -> Occupied[StorageRecord]:
    """Records in force, to be asked which stands in the way of another."""
    return Occupied(rows, lambda row: (row.direction, row.starts_at, row.ends_at))


def _row(device: Device, flow: Flow, sha256: str) -> StorageRecord:
    return StorageRecord(
        device=device,
        direction=flow.direction,
        starts_at=flow.starts_at,
        ends_at=flow.ends_at,
        energy_wh=flow.energy_wh,
        raw_value=flow.text,
        validator=flow.validator,
        sha256=sha256,
        line=flow.line,
    )


def release(charge: StorageRecord, most_wh: int, now: datetime) -> tuple[int, int]:
    """Give certificates of a charge beyond so many Wh back, the newest first, as long as none
    of them is on its way to the chain. Returns the Wh given back, and those still retired."""
    standing = ChargeAllocation.objects.standing().filter(
        charge__device=charge.device_id,
        charge__starts_at=charge.starts_at,
        charge__ends_at=charge.ends_at,
    )
    rows = list(standing.select_related("retirement__entry").order_by("-pk"))
    kept, undone = sum(row.retirement.amount_wh for row in rows), dict[int, int]()
    for row in rows:
        if kept <= most_wh:
            break
        try:
            undo(retirement=row.retirement, now=now)
        except AlreadySettled:
            continue
        kept -= row.retirement.amount_wh
        undone[row.retirement.entry_id] = row.retirement.amount_wh
    for act in ended_by(undone) if undone else ():
        give_back(act, f"released:{min(undone)}", now)
    return sum(undone.values()), kept


def _known(device: Device, flows: Sequence[Flow]) -> dict[tuple[str, datetime], StorageRecord]:
    first = min(flow.starts_at for flow in flows)
    last = max(flow.ends_at for flow in flows)
    return {
        (row.direction, row.starts_at): row for row in in_force(device, first - HOUR, last + HOUR)
    }


def _is_same(flow: Flow, standing: StorageRecord) -> bool:
    return (flow.ends_at, flow.energy_wh, flow.validator) == (
        standing.ends_at,
        standing.energy_wh,
        standing.validator,
    )


def _refusal(
    flow: Flow,
    *,
    device: Device,
    terms: StorageTerms,
    closed: datetime | None,
    now: datetime,
    tolerance_percent: int,
) -> str:
    if flow.starts_at < terms.starts_at:
        return f"Lies before the first loss interval, which began {terms.starts_at:%Y-%m-%d}."
    if flow.ends_at > now:
        return "This interval is not over yet. Send it when it is."
    if closed and flow.starts_at < closed:
        return f"The loss interval until {closed:%Y-%m-%d} is settled: its records stand."
    minutes = (flow.ends_at - flow.starts_at) // MINUTE
    most = device.capacity_w * minutes * (100 + tolerance_percent) // 6000
    if flow.energy_wh > most:
        return f"{flow.energy_wh} Wh is more than its power allows in {minutes} min ({most} Wh)."
    return ""


def _clash(
    flow: Flow, standing: StorageRecord | None, there: Occupied[StorageRecord], replace: bool
) -> str:
    if standing and standing.ends_at == flow.ends_at:
        words = f"This interval has a {flow.direction} of {standing.energy_wh} Wh already. "
        return "" if replace else f"{words}Send it again to replace that, or leave the line out."
    other = there.overlapping(flow.direction, flow.starts_at, flow.ends_at)
    if other is None:
        return ""
    return (
        f"Overlaps the {other.direction} from {other.starts_at:%Y-%m-%d %H:%M} to "
        f"{other.ends_at:%H:%M} UTC. Withdraw that first."
    )


def _stays(row: StorageRecord | None, closed: datetime | None) -> str:
    """Why a record cannot be withdrawn."""
    if row is None:
        return "This storage has no such record."
    if row.status != Status.IN_FORCE:
        return f"This record is {row.get_status_display().lower()} and not in force."
    if closed and row.starts_at < closed:
        return f"The loss interval until {closed:%Y-%m-%d} is settled: its records stand."
    return ""
