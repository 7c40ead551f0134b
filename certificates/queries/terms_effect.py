"""What other terms would do to what is there now."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Sum

from certificates.domain.rules.technologies import (
    ASSUMED_PERCENT,
    PHOTOVOLTAIC,
    TIDAL,
    TOLERANCE_PERCENT,
)
from certificates.domain.terms import months_before
from certificates.models import Device, Handover
from certificates.queries.readings.debts import debts
from ledger.models import Balance

Value = int | bool | None
Judge = Callable[[Value, Value, datetime], str]


def consequence(term: str, before: Value, after: Value, valid_from: datetime) -> str:
    """In words and Wh what a change of one term does to what is held, owed and waiting now."""
    return JUDGES[term](before, after, valid_from)


def _usable(before: Value, after: Value, valid_from: datetime) -> str:
    ended = _held_before(after, valid_from) - _held_before(before, valid_from)
    if after is None:
        return "Nothing expires by this registry's terms any more. What has expired stays expired."
    if ended > 0:
        return (
            f"{ended:,} Wh that are held now expire at once, whoever holds them; their holders "
            "are told. What has expired does not come back."
        )
    return "Nothing that is held now expires by this change alone."


def _tradable(before: Value, after: Value, valid_from: datetime) -> str:
    if after is None:
        return "Certificates are traded as long as they can be used."
    stuck = _held_before(after, valid_from) - _held_before(before, valid_from)
    if stuck > 0:
        return f"{stuck:,} Wh that are held now can be used, but not traded any more."
    return "Everything that can be traded now still can be."


def _deadline(before: Value, after: Value, valid_from: datetime) -> str:
    if after is None:
        return "Readings may come however late. What is held for review stays there."
    oldest = valid_from - timedelta(days=int(after))
    return (
        f"On that day readings of intervals from {oldest:%Y-%m-%d} on are in time; older ones are "
        "held for review. What is accepted stays."
    )


def _notice(before: Value, after: Value, valid_from: datetime) -> str:
    return f"Holders are told {after} days before their certificates expire."


def _overdue(before: Value, after: Value, valid_from: datetime) -> str:
    if after is None:
        return "No debt is overdue any more."
    late = [one for one in debts(valid_from) if valid_from - one.since > timedelta(days=int(after))]
    return f"{_count(len(late), 'plant')} would be overdue then, by what is owed now."


def _approval(before: Value, after: Value, valid_from: datetime) -> str:
    if after:
        return "A handover waits for an auditor once the new owner has accepted."
    waiting = Handover.objects.filter(status=Handover.Status.ACCEPTED).count()
    return (
        "A handover binds as soon as the new owner accepts, without an auditor. The "
        f"{waiting} that wait{'s' if waiting == 1 else ''} for one now still need one."
    )


def _percent(family: str) -> Judge:
    def judge(before: Value, after: Value, valid_from: datetime) -> str:
        plants = Device.objects.filter(
            technology_code__startswith=family, status=Device.Status.APPROVED
        )
        limit = ASSUMED_PERCENT[family] if after is None else after
        return (
            f"Readings of {_count(plants.count(), 'plant')} that are uploaded from then on are "
            f"held where a day shows more than {limit} % of full power."
        )

    return judge


def _tolerance(before: Value, after: Value, valid_from: datetime) -> str:
    plants = Device.objects.filter(kind=Device.Kind.PRODUCTION, status=Device.Status.APPROVED)
    limit = 100 + (TOLERANCE_PERCENT if after is None else int(after))
    return (
        f"Readings of {_count(plants.count(), 'plant')} that are uploaded from then on are held "
        f"where an interval shows more than {limit} % of full power (R11), and records of storage "
        "are refused. What is accepted, and what waits for review now, stays as it is."
    )


def _whole(before: Value, after: Value, valid_from: datetime) -> str:
    if not after:
        return (
            "Owners of new plants choose between whole MWh and the Wh. Plants that have whole MWh "
            "keep them."
        )
    made = Device.objects.filter(kind=Device.Kind.PRODUCTION, whole_certificates=False)
    count = made.exclude(status=Device.Status.DECOMMISSIONED).count()
    return (
        "Plants that are registered from then on, or handed in again, are certified in whole MWh; "
        f"other ones are refused. {_count(count, 'plant')} that {'is' if count == 1 else 'are'} "
        f"certified by the Wh now {'stays' if count == 1 else 'stay'} so."
    )


def _held_before(months: Value, valid_from: datetime) -> int:
    """Wh held of intervals that began more than so many months before."""
    if months is None:
        return 0
    held = Balance.objects.filter(
        amount__gt=0,
        account__system="",
        asset__lot_asset__lot__starts_at__lt=months_before(valid_from, int(months)),
    )
    return int(held.aggregate(wh=Sum("amount"))["wh"] or 0)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


JUDGES: dict[str, Judge] = {
    "tradable_months": _tradable,
    "usable_months": _usable,
    "expiry_notice_days": _notice,
    "upload_deadline_days": _deadline,
    "debt_overdue_days": _overdue,
    "handovers_need_approval": _approval,
    "photovoltaic_day_percent": _percent(PHOTOVOLTAIC),
    "tidal_day_percent": _percent(TIDAL),
    "capacity_tolerance_percent": _tolerance,
    "whole_certificates_only": _whole,
}
