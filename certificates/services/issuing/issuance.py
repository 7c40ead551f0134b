"""Accepted readings become certificates."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from certificates.domain.device_states import check_can_issue, check_generates
from certificates.domain.tally import Tally
from certificates.errors import DeviceNotApproved, FactorMissing
from certificates.models import Device
from certificates.queries.readings.issuable import (
    IssuableReading,
    first_issuable,
    issuable_readings,
    windows,
)
from certificates.queries.readings.tallies import (
    amended_starts,
    open_debt_wh,
    readings_in_force,
    tallies,
)
from certificates.services.issuing.due_lots import Period, charge, lock, some_at_once, take_back
from certificates.services.issuing.lot_writing import Due, terms_of, write_lots
from certificates.services.issuing.whole_issuance import issue_whole

Progress = Callable[[int, int], None]
CHUNK = 5_000  # readings that one transaction looks at


@dataclass(slots=True)
class IssueReport:
    """What was issued. `waiting` says why devices with readings got nothing, by GSRN."""

    lots: int = 0
    issued_wh: int = 0
    devices: int = 0
    waiting: dict[str, str] = field(default_factory=dict)


def issue(
    *,
    device: Device | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    now: datetime,
    progress: Progress | None = None,
) -> IssueReport:
    """Lots for what readings say beyond what was issued, of one device or of all approved ones.

    Readings are measured or calculated, in force, over, and start in [starts_at, ends_at).
    What a device owes is withheld first. Each transaction looks at 5,000 of them; again
    issues only what is new: late data, what a correction added, and what the chain refused,
    under the next sequence.
    Raises: DeviceNotApproved, FactorMissing (for a named device; others are reported).
    """
    report = IssueReport()
    if device is not None:
        _issue_device(device, (starts_at, ends_at), now, report, progress)
        return report
    found = Device.objects.filter(status=Device.Status.APPROVED, kind=Device.Kind.PRODUCTION)
    for each in found.order_by("gsrn"):
        try:
            _issue_device(each, (starts_at, ends_at), now, report, progress)
        except (DeviceNotApproved, FactorMissing) as error:
            report.waiting[each.gsrn] = str(error)
    return report


def _issue_device(
    device: Device,
    period: tuple[datetime | None, datetime | None],
    now: datetime,
    report: IssueReport,
    progress: Progress | None,
) -> None:
    check_can_issue(device.name, device.status)
    check_generates(device.name, device.kind)
    before, total = report.lots, 0
    if device.whole_certificates:
        for amounts in issue_whole(device, period, now):
            report.lots += len(amounts)
            report.issued_wh += sum(amounts)
            if progress:
                progress(report.lots, report.lots)
        report.devices += report.lots > before
        return
    _issue_amended(device, period, now, report)
    if progress:
        total = report.lots + issuable_readings(device, *period, now=now).count()
    for window in windows(device, *period, CHUNK):
        amounts = _issue_window(device, window, now)
        report.lots += len(amounts)
        report.issued_wh += sum(amounts)
        if progress:
            progress(report.lots, max(total, report.lots))
    report.devices += report.lots > before


@transaction.atomic
def _issue_window(device: Device, window: Period, now: datetime) -> list[int]:
    locked = lock(device)
    readings = first_issuable(issuable_readings(locked, *window, now=now))
    due = _due_of(locked, readings, now)
    if due:
        write_lots(terms=terms_of(locked), due=due, now=now)
    return [each.amount_wh for each in due]


def _due_of(device: Device, readings: Sequence[IssuableReading], now: datetime) -> list[Due]:
    """What is due of readings of which nothing was issued yet."""
    if device.negative_policy == Device.NegativePolicy.NET or open_debt_wh(device):
        fresh = [(reading, Tally(generated_wh=reading.energy_wh)) for reading in readings]
        return charge(device, fresh, now)
    return [Due(reading, reading.energy_wh) for reading in readings]


def _issue_amended(device: Device, period: Period, now: datetime, report: IssueReport) -> None:
    """Intervals that were corrected, or gave up Wh for a debt, and have some to come.

    First everything is taken back that must be, since that may release Wh elsewhere.
    """
    take_back(device, period, now)
    for chunk in some_at_once(amended_starts(device, *period)):
        for amount_wh in _issue_again(device, chunk, now):
            report.lots += 1
            report.issued_wh += amount_wh


@transaction.atomic
def _issue_again(device: Device, starts: Sequence[datetime], now: datetime) -> list[int]:
    locked = lock(device)
    found = tallies(locked, starts, now)
    readings = readings_in_force(locked, now).filter(starts_at__in=starts)
    again = [
        (reading, found[reading.starts_at])
        for reading in first_issuable(readings.order_by("starts_at"), len(starts))
    ]
    due = charge(locked, again, now)
    if due:
        write_lots(terms=terms_of(locked), due=due, now=now)
    return [each.amount_wh for each in due]
