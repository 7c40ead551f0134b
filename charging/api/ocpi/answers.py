"""The envelope of every answer, and which status each refusal has: chosen here alone."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response

from charging.domain.ocpi import status
from charging.domain.ocpi.document import write
from charging.domain.ocpi.values import write_instant

# (HTTP status, status_code). What reached OCPI is 200 over HTTP, whatever it is told there.
REFUSALS = {
    "unreadable_document": (HTTPStatus.BAD_REQUEST, status.INVALID),
    "document_too_large": (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, status.CLIENT_ERROR),
    "invalid_object": (HTTPStatus.OK, status.INVALID),
    "unknown_object": (HTTPStatus.NOT_FOUND, status.CLIENT_ERROR),
    "unknown_site": (HTTPStatus.NOT_FOUND, status.UNKNOWN_LOCATION),
    "unknown_charging_token": (HTTPStatus.NOT_FOUND, status.UNKNOWN_TOKEN),
    "too_little_information": (HTTPStatus.OK, status.TOO_LITTLE),
    "unknown_party": (HTTPStatus.NOT_FOUND, status.INVALID),
    "party_not_registered": (HTTPStatus.OK, status.INVALID),
    "credentials_refused": (HTTPStatus.UNAUTHORIZED, status.CLIENT_ERROR),
    "not_now": (HTTPStatus.METHOD_NOT_ALLOWED, status.CLIENT_ERROR),
    "peer_unusable": (HTTPStatus.OK, status.PEER_UNUSABLE),
    "unsupported_version": (HTTPStatus.OK, status.UNSUPPORTED_VERSION),
    "cdr_altered": (HTTPStatus.OK, status.INVALID),
    "credit_refused": (HTTPStatus.OK, status.INVALID),
    "second_claimant": (HTTPStatus.OK, status.INVALID),
}
OTHERWISE = (HTTPStatus.OK, status.CLIENT_ERROR)
MEDIA_TYPE = "application/json"


class OcpiRenderer(BaseRenderer):
    """Passes on the bytes of an envelope, whatever the Accept header says."""

    media_type = MEDIA_TYPE
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return data if isinstance(data, bytes) else b""


def envelope(
    *, now: datetime, data: bytes | None = None, code: int = status.SUCCESS, message: str = ""
) -> bytes:
    """An answer's body. `data` is JSON already and goes in as it is."""
    words = b',"status_message":' + write(message[:1000]) if message else b""
    return b'%s"status_code":%d%s,"timestamp":%s}' % (
        b'{"data":' + data + b"," if data is not None else b"{",
        code,
        words,
        write(write_instant(now.replace(microsecond=0))),
    )


def taken(*, now: datetime, data: bytes | None = None, is_new: bool = False, message: str = "",
          headers: Mapping[str, str] | None = None) -> Response:  # fmt: skip
    """What was asked for was done; 201 for something new."""
    http = HTTPStatus.CREATED if is_new else HTTPStatus.OK
    body = envelope(now=now, data=data, message=message)
    return Response(body, http, headers=dict(headers or {}), content_type=MEDIA_TYPE)


def refused(*, now: datetime, http: int, code: int, message: str) -> Response:
    """What was asked for was not done, and why."""
    body = envelope(now=now, code=code, message=message)
    return Response(body, http, content_type=MEDIA_TYPE)
