"""The token of another system: base64 as the standard says, or raw as older systems send it."""

import base64
import binascii
import contextlib
import hashlib
from collections.abc import Iterator

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from charging.errors import CredentialsRefused
from charging.models import Connection
from charging.services.ocpi.connections import connection_of
from charging.services.ocpi.memory import CONNECTIONS

WORD = "Token"
LONGEST = 256  # characters; a token has 64 at most


class TokenAuthentication(BaseAuthentication):
    """Reads `Authorization: Token ...`. Raises: CredentialsRefused without a known one."""

    def authenticate(self, request: Request) -> tuple[Connection, str]:
        word, _, value = request.headers.get("Authorization", "").strip().partition(" ")
        if word.lower() != WORD.lower() or not value.strip():
            raise CredentialsRefused(f"Send the token as: Authorization: {WORD} <base64 of it>.")
        connection, token = connection_of(list(_meanings(value.strip())), timezone.now())
        return connection, token

    def authenticate_header(self, request: Request) -> str:
        return WORD


class RememberingAuthentication(TokenAuthentication):
    """The same, from memory for a few seconds: then without the token itself, and the view has
    the connection confirmed before it answers anything."""

    def authenticate(self, request: Request) -> tuple[Connection, str]:
        now, written = timezone.now(), request.headers.get("Authorization", "")
        key = hashlib.sha256(written.encode("utf-8", "surrogatepass")).digest()
        known = CONNECTIONS.recall(key, now)
        if known is not None:
            return known, ""
        connection, token = super().authenticate(request)
        if connection.status == Connection.Status.CONNECTED:
            CONNECTIONS.keep(key, connection, now)
        return connection, token


def _meanings(value: str) -> Iterator[str]:
    """What was meant, the standard's way first. Its own example ends with a newline."""
    if len(value) > LONGEST:
        raise CredentialsRefused("This token is longer than any token.")
    with contextlib.suppress(binascii.Error, UnicodeError, ValueError):
        yield base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode().strip()
    yield value
