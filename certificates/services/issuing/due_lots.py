"""What is due of a device's intervals: its debt is paid first, and what stands too much taken."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from certificates.domain.device_states import check_can_issue, check_generates
from certificates.domain.tally import Steps, Tally, steps
from certificates.models import Correction, DebtMove, Device
from certificates.queries.readings.issuable import IssuableReading
from certificates.queries.readings.tallies import amended_starts, open_debt_wh, tallies
from certificates.services.issuing import corrections, debts
from certificates.services.issuing.lot_writing import Due

Period = tuple[datetime | None, datetime | None]
AMENDED = 500  # intervals looked at again in one transaction
MINUTE = timedelta(minutes=1)
Kind = DebtMove.Kind


def lock(device: Device) -> Device:
    """The device, for this transaction alone. Raises: DeviceNotApproved."""
    # The lock lets one issuance of a device look for readings and write lots at a time.
    locked = Device.objects.select_for_update().get(pk=device.pk)
    check_can_issue(locked.name, locked.status)
    check_generates(locked.name, locked.kind)
    return locked


def take_back(device: Device, period: Period, now: datetime) -> None:
    """Take what stands beyond the readings in force of a period, in transactions of their own."""
    for chunk in some_at_once(amended_starts(device, *period)):
        _take_back(device, chunk, now)


def charge(
    device: Device, readings: Sequence[tuple[IssuableReading, Tally]], now: datetime
) -> list[Due]:
    """What is due of each reading, in time order, once the device's debt is paid from it."""
    debt = open_debt_wh(device)
    nets = device.negative_policy == Device.NegativePolicy.NET
    due: list[Due] = []
    rows: list[debts.Row] = []
    for reading, tally in readings:
        todo = steps(tally, nets=nets, open_debt_wh=debt)
        debt += todo.consumed - todo.withheld
        rows += _rows(reading, todo)
        if todo.issue:
            due.append(Due(reading, todo.issue))
    debts.post(device=device, rows=rows, now=now)
    return due


def some_at_once(starts: Sequence[datetime]) -> list[Sequence[datetime]]:
    """As many intervals as one transaction looks at again."""
    return [starts[begin : begin + AMENDED] for begin in range(0, len(starts), AMENDED)]


@transaction.atomic
def _take_back(device: Device, starts: Sequence[datetime], now: datetime) -> None:
    locked = lock(device)
    found = tallies(locked, starts, now)
    late = [at for at, tally in found.items() if tally.waiting_wh < 0 or _is_lowered(tally)]
    made = Correction.objects.filter(device=locked, starts_at__in=late).select_related("reading")
    if late and made:
        corrections.carry_out(device=locked, corrections=list(made), now=now)


def _is_lowered(tally: Tally) -> bool:
    return tally.waiting_wh > 0 and tally.owed_wh > 0


def _rows(reading: IssuableReading, todo: Steps) -> list[debts.Row]:
    if not todo.consumed and not todo.withheld:
        return []
    minutes = (reading.ends_at - reading.starts_at) // MINUTE
    return [
        (reading.starts_at, minutes, Kind.CONSUMPTION, todo.consumed, None),
        (reading.starts_at, minutes, Kind.WITHHELD, -todo.withheld, None),
    ]
