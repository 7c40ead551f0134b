"""Keeping the log of acts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ledger.models import AuditEvent


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
    return AuditEvent.objects.create(
        at=now,
        actor=str(actor)[:200],
        actor_id=str(getattr(actor, "pk", "") or "")[:64],
        action=action,
        subject=_name(subject)[:200],
        detail=dict(detail or {}),
    )


def _name(subject: object) -> str:
    pk = getattr(subject, "pk", None)
    return f"{type(subject).__name__.lower()} {pk}" if pk is not None else str(subject)
