"""What devices owe, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Sum

from certificates.models import DebtMove, Device
from certificates.queries.policies import policy_at


@dataclass(frozen=True, slots=True)
class Debt:
    """Wh a device owes; `since` is when the oldest unpaid part came about."""

    device: Device
    amount_wh: int
    since: datetime
    overdue: bool


def debts(now: datetime, devices: Sequence[Device] | None = None) -> list[Debt]:
    """Every device that owes something, by GSRN; of these devices where they are given."""
    policy = policy_at(now)
    days = policy.debt_overdue_days if policy else None
    moves = DebtMove.objects.all()
    if devices is not None:
        moves = moves.filter(device__in=devices)
    sums = moves.values("device").annotate(wh=Sum("amount_wh")).filter(wh__gt=0)
    owed = dict(sums.values_list("device", "wh"))
    found = []
    for device in Device.objects.filter(pk__in=owed).order_by("gsrn"):
        since = _since(device, owed[device.pk])
        late = days is not None and now - since > timedelta(days=days)
        found.append(Debt(device, owed[device.pk], since, late))
    return found


def overdue_debts(now: datetime) -> list[Debt]:
    """Those older than the registry's policy allows."""
    return [debt for debt in debts(now) if debt.overdue]


def _since(device: Device, open_wh: int) -> datetime:
    """What is paid pays the oldest first: the open part came about last."""
    rows = DebtMove.objects.filter(device=device, amount_wh__gt=0).order_by("-posted_at", "-pk")
    since = None
    for wh, at in rows.values_list("amount_wh", "posted_at").iterator():
        since = at
        open_wh -= wh
        if open_wh <= 0:
            break
    if since is None:
        raise ValueError(f"Device {device.pk} owes without ever having come to owe.")
    return since
