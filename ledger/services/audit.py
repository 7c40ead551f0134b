"""Keeping the log of acts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ledger.models import AuditEvent

BATCH = 1_000  # rows in one statement


def record(
    *,
    actor: object,
    action: str,
    subject: object,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Log one act, in the caller's transaction.

    `actor` is a row (a person, a key) or a name (a command, a task); `subject` is a row or
    what the act was about in words. `detail` is JSON: why, and with what result.
    """
    event = _event(actor, action, subject, now, detail or {})
    event.save(force_insert=True)
    return event


def record_each(
    *,
    actor: object,
    action: str,
    subjects: Iterable[tuple[object, Mapping[str, Any]]],
    now: datetime,
) -> None:
    """Log one act over many subjects, an event for each, with its detail."""
    events = (_event(actor, action, subject, now, detail) for subject, detail in subjects)
    AuditEvent.objects.bulk_create(events, batch_size=BATCH)


def _event(
    actor: object, action: str, subject: object, now: datetime, detail: Mapping[str, Any]
) -> AuditEvent:
    return AuditEvent(
        at=now,
        actor=str(actor)[:200],
        actor_id=str(getattr(actor, "pk", "") or "")[:64],
        action=action,
        subject=_name(subject)[:200],
        detail=dict(detail),
    )


def _name(subject: object) -> str:
    pk = getattr(subject, "pk", None)
    return f"{type(subject).__name__.lower()} {pk}" if pk is not None else str(subject)
