"""The Idempotency-Key of a write."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from ledger.errors import IdempotencyKeyMissing
from ledger.services import idempotency

LONGEST = 200

Handler = Callable[..., Response]


def idempotent(handler: Handler) -> Handler:
    """Carry out a write once per Idempotency-Key and caller; repeat its answer afterwards.

    Only success is kept: a refused request changed nothing and may be sent again.
    Raises: IdempotencyKeyMissing, RequestKeyReused, RequestInFlight.
    """

    @wraps(handler)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "").strip()
        if not key or len(key) > LONGEST:
            raise IdempotencyKeyMissing(
                f"Send an Idempotency-Key header of 1 to {LONGEST} characters, new for each act."
            )
        scope = f"api:{request.user.scope}"  # type: ignore[union-attr]
        earlier = idempotency.begin(
            scope=scope, key=key, content_hash=content_hash(request), now=timezone.now()
        )
        if earlier:
            replay = Response(earlier.body, status=earlier.status_code)
            replay["Idempotent-Replayed"] = "true"
            return replay
        try:
            response = handler(view, request, *args, **kwargs)
        except BaseException:
            idempotency.release(scope=scope, key=key)
            raise
        answer = idempotency.Answer(response.status_code, _plain(response.data))
        idempotency.finish(scope=scope, key=key, answer=answer)
        return response

    return once


def content_hash(request: Request) -> bytes:
    """SHA-256 over method, address and what was sent, however it was packed."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if isinstance(request.data, QueryDict):
        for name in sorted(request.data):
            for value in request.data.getlist(name):
                _add(digest, name, value)
    else:
        digest.update(json.dumps(request.data, sort_keys=True).encode())
    return digest.digest()


def _add(digest: Any, name: str, value: Any) -> None:
    digest.update(f"{name}\0".encode())
    if isinstance(value, UploadedFile):
        for chunk in value.chunks():
            digest.update(chunk)
        value.seek(0)
    else:
        digest.update(f"{value}\0".encode())


def _plain(data: Any) -> Any:
    return json.loads(json.dumps(data, cls=JSONEncoder))
