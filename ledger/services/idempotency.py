"""A request that carries a key is carried out once; its repetition gets the first answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from ledger.errors import RequestInFlight, RequestKeyReused
from ledger.models import IdempotentRequest

IN_FLIGHT = timedelta(minutes=15)  # an answer that takes longer was lost with its process
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a request."""

    status_code: int
    body: Any


def begin(*, scope: str, key: str, content_hash: bytes, now: datetime) -> Answer | None:
    """The earlier answer, or None where this request is the first and now holds the key.

    Raises: RequestKeyReused for other content, RequestInFlight while the first is at work.
    """
    known = IdempotentRequest.objects.filter(scope=scope, key=key)
    known.filter(status_code=None, created_at__lt=now - IN_FLIGHT).delete()
    known.filter(created_at__lt=now - KEPT).delete()
    try:
        with transaction.atomic():
            IdempotentRequest.objects.create(
                scope=scope, key=key, content_hash=content_hash, created_at=now
            )
    except IntegrityError:
        return _earlier(known.first(), content_hash)
    return None


def finish(*, scope: str, key: str, answer: Answer) -> None:
    """Keep the answer for repetitions."""
    IdempotentRequest.objects.filter(scope=scope, key=key).update(
        status_code=answer.status_code, body=answer.body
    )


def release(*, scope: str, key: str) -> None:
    """Forget a request that changed nothing, so that it may be tried again."""
    IdempotentRequest.objects.filter(scope=scope, key=key, status_code=None).delete()


def _earlier(row: IdempotentRequest | None, content_hash: bytes) -> Answer:
    if row is None or (row.status_code is None and bytes(row.content_hash) == content_hash):
        raise RequestInFlight("The first request with this Idempotency-Key is still at work.")
    if bytes(row.content_hash) != content_hash:
        raise RequestKeyReused("This Idempotency-Key came with another request before.")
    return Answer(row.status_code or 200, row.body)
