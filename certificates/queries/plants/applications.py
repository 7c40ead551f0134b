"""How far a plant is on its way to approval, from the log of acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from certificates.models import Area, Device
from ledger.models import AuditEvent

REGISTERED, SENT_BACK, UPDATED = "device.registered", "device.draft", "device.updated"
WORDS = {
    REGISTERED: "handed in for approval",
    "device.submitted": "handed in again",
    SENT_BACK: "sent back by the registry",
    "device.approved": "approved by the registry",
    "device.suspended": "suspended by the registry",
    "device.decommissioned": "taken out of service",
    "device.handed_over": "handed over",
    UPDATED: "facts changed by its owner",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One act on the way, in words; `reason` where one was given."""

    at: datetime
    words: str
    reason: str


def steps(device: Device) -> list[Step]:
    """What happened to a device so far, in order of time."""
    rows = _events([device]).order_by("pk").values_list("at", "action", "detail")
    return [Step(at, WORDS[action], str(detail.get("reason", ""))) for at, action, detail in rows]


def updates(device: Device) -> QuerySet[AuditEvent]:
    """What its owner changed since it is approved: `detail["changed"]` has (was, is) by name."""
    return AuditEvent.objects.filter(subject=_subject(device), action=UPDATED)


def reasons(devices: Sequence[Device]) -> dict[int, str]:
    """Why each device that was sent back was, the last time, by its primary key."""
    waiting = [one for one in devices if one.status == Device.Status.DRAFT]
    rows = _events(waiting).filter(action=SENT_BACK).order_by("pk")
    by_subject = {
        subject: str(detail.get("reason", ""))
        for subject, detail in rows.values_list("subject", "detail")
    }
    return {one.pk: by_subject.get(_subject(one), "") for one in waiting}


def areas_in_force(now: datetime) -> QuerySet[Area]:
    """Areas a plant can lie in now, by country and name."""
    in_force = Q(valid_to__isnull=True) | Q(valid_to__gt=now)
    return Area.objects.filter(in_force, valid_from__lte=now).order_by("country", "name", "code")


def _events(devices: Sequence[Device]) -> QuerySet[AuditEvent]:
    subjects = [_subject(one) for one in devices]
    return AuditEvent.objects.filter(subject__in=subjects, action__in=WORDS)


def _subject(device: Device) -> str:
    return f"device {device.pk}"
