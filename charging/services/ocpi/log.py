"""What connections wrote and what they were answered: the basis of their health."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from charging.domain.ocpi.status import SUCCESS
from charging.domain.ocpi.validation import Finding
from charging.errors import ChargingError
from charging.models import Connection, ConnectionMessage
from charging.models.sealing import seal
from ledger.models.once import insert_once
from ledger.services import audit

SHOWN = 50  # notices kept of one message
DETAIL = 2_000  # characters kept of a refusal


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it came: its body byte for byte, and the ids that trace it.

    `is_remembered`: its credentials were taken from memory, and want to be confirmed.
    """

    connection: Connection
    version: str
    method: str
    module: str
    data: bytes
    at: datetime
    request_id: str = ""
    correlation_id: str = ""
    is_remembered: bool = False


def note(
    sent: Sent, *, subject: str, notices: Sequence[Finding] = (), keep_body: bool = True
) -> None:
    """Keep what was taken; call inside the transaction that took it."""
    row = taken(sent, subject=subject, notices=notices, keep_body=keep_body)
    insert_once(ConnectionMessage, list(row), list(row.values()))


def taken(
    sent: Sent, *, subject: str, notices: Sequence[Finding] = (), keep_body: bool = True
) -> dict[str, object]:
    """The row that `note` keeps, for whoever writes it together with what was taken."""
    return {
        **_facts(sent),
        "subject": subject[:140],
        "status_code": SUCCESS,
        "kind": "",
        "is_alarm": False,
        "detail": "",
        "notices": json.dumps([str(notice)[:200] for notice in notices[:SHOWN]]),
        "body": seal(sent.data) if keep_body and sent.data else b"",
    }


@transaction.atomic
def refuse(sent: Sent, *, error: ChargingError, status_code: int) -> None:
    """Keep that a message was refused and why; an alarm leaves an audit event too."""
    is_alarm = bool(getattr(error, "is_alarm", False))
    ConnectionMessage.objects.create(
        **_facts(sent),
        status_code=status_code,
        kind=error.code,
        is_alarm=is_alarm,
        detail=str(error)[:DETAIL],
    )
    if is_alarm:
        audit.record(
            actor=sent.connection,
            action=f"ocpi.{error.code}",
            subject=sent.connection,
            now=sent.at,
            detail={"message": str(error)[:DETAIL], "sha256": _sha256(sent).hex()},
        )


def _facts(sent: Sent) -> dict[str, object]:
    return {
        "connection_id": sent.connection.pk,
        "at": sent.at,
        "method": sent.method,
        "module": sent.module,
        "sha256": _sha256(sent),
        "request_id": sent.request_id[:100],
        "correlation_id": sent.correlation_id[:100],
    }


def _sha256(sent: Sent) -> bytes:
    return hashlib.sha256(sent.data).digest()
