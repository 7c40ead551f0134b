"""What the views of OCPI share: who asks, what came, tracing, and refusals."""

import contextlib
import logging
import re
import uuid
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from certificates.models import Organisation
from charging.api.ocpi.answers import OTHERWISE, REFUSALS, OcpiRenderer, refused
from charging.api.ocpi.authentication import WORD, TokenAuthentication
from charging.domain.ocpi import status
from charging.domain.ocpi.document import MAX_BYTES, read_sent
from charging.domain.ocpi.objects import VERSIONS
from charging.domain.party import PartyName
from charging.errors import (
    ChargingError,
    CredentialsRefused,
    DocumentTooLarge,
    UnknownParty,
    UnreadableDocument,
)
from charging.models import Connection
from charging.services.ocpi.connections import confirm, speaks_for
from charging.services.ocpi.log import Sent, refuse

TRACES = ("X-Request-ID", "X-Correlation-ID")
UNSAFE = re.compile(r"[^\x21-\x7e]")
BUSY = "The registry is busy. Nothing was changed; send it again."
logger = logging.getLogger(__name__)
DROPPED_BYTES, PIECE = 16 * 1024 * 1024, 64 * 1024  # of a larger body the sender is hung up on
WRITES = ("POST", "PUT", "PATCH", "DELETE")


class OcpiView(APIView):
    """One address of OCPI. `module` names it in the log.

    An invited connection, which has only token A, may open what says so.
    """

    authentication_classes = (TokenAuthentication,)
    permission_classes = ()
    renderer_classes = (OcpiRenderer,)
    parser_classes = ()
    metadata_class = None
    schema = None  # it is no part of the registry's own API
    module: ClassVar[str] = ""
    open_to_invited: ClassVar[bool] = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        version = kwargs.get("version")
        if version is not None and version not in VERSIONS:
            raise Http404(f"Version {version} is not offered; ask /ocpi/versions.")
        if self.open_to_invited:
            return
        if self.connection.status != Connection.Status.CONNECTED:
            raise CredentialsRefused("This token opens the handshake alone. POST the credentials.")
        self._check_sender()

    @property
    def connection(self) -> Connection:
        """Who asks."""
        return cast(Connection, self.request.user)

    @property
    def organisation(self) -> Organisation:
        """Whom the connection belongs to."""
        return self.connection.organisation

    @cached_property
    def now(self) -> datetime:
        """The instant of this request, read once."""
        return timezone.now()

    @cached_property
    def data(self) -> bytes:
        """The body, byte for byte. Raises: DocumentTooLarge, UnreadableDocument."""
        announced = self.request.META.get("CONTENT_LENGTH") or "0"
        if announced.isdigit() and int(announced) > MAX_BYTES:
            self._drop()
            raise DocumentTooLarge(f"A body has {MAX_BYTES} bytes at most, not {announced}.")
        try:
            return self.request._request.body
        except RequestDataTooBig as error:
            raise DocumentTooLarge(f"A body has {MAX_BYTES} bytes at most.") from error
        except UnreadablePostError as error:
            raise UnreadableDocument("The body ended early. Send it again.") from error

    def _drop(self) -> None:
        """Read what is too large to be kept: who is still writing it could not read why."""
        request = self.request._request
        if request._read_started:  # type: ignore[attr-defined]
            return
        with contextlib.suppress(UnreadablePostError):
            for _ in range(DROPPED_BYTES // PIECE):
                if not request.read(PIECE):
                    break

    @property
    def document(self) -> dict[str, Any]:
        """The body as an object. Raises: DocumentTooLarge, UnreadableDocument."""
        return read_sent(self.data)

    @property
    def sent(self) -> Sent:
        """The request, as the log keeps it."""
        return self._sent(self.data)

    def traces(self) -> dict[str, str]:
        """The ids that trace this request: those that came, or new ones."""
        if not hasattr(self, "_traces"):
            given = {name: UNSAFE.sub("", self.request.headers.get(name, "")) for name in TRACES}
            self._traces = {name: text[:100] or str(uuid.uuid4()) for name, text in given.items()}
        return self._traces

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return OcpiRenderer(), OcpiRenderer.media_type

    def handle_exception(self, error: Exception) -> Response:
        """Every refusal as an envelope; what nobody foresaw goes on to the server's handler."""
        if isinstance(error, RecursionError):
            error = UnreadableDocument("The body nests too deeply. Flatten it.")
        if isinstance(error, ChargingError):
            try:
                error = self._unless_gone(error)
                http, code = REFUSALS.get(error.code, OTHERWISE)
                self._log(error, code)
            except (OperationalError, InterfaceError) as busy:
                return self.handle_exception(busy)
            answer = refused(now=self.now, http=http, code=code, message=str(error))
        elif isinstance(error, Http404):
            answer = refused(now=self.now, http=404, code=status.CLIENT_ERROR, message=str(error))
        elif isinstance(error, exceptions.APIException):
            message, given = str(error.detail), error.status_code
            answer = refused(now=self.now, http=given, code=status.CLIENT_ERROR, message=message)
        elif isinstance(error, OperationalError | InterfaceError):
            logger.warning("a request found the database busy: %s", error)
            answer = refused(now=self.now, http=503, code=status.SERVER_ERROR, message=BUSY)
            answer["Retry-After"] = "5"
        else:
            self.raise_uncaught_exception(error)
        if answer.status_code == 401:
            answer["WWW-Authenticate"] = WORD
        answer.exception = True
        return answer

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        for name, value in self.traces().items():
            answer[name] = value
        answer["Cache-Control"] = "no-store"
        return answer

    def _check_sender(self) -> None:
        """Who says for which party it asks must speak for it. Raises: UnknownParty."""
        country = self.request.headers.get("OCPI-from-country-code", "")
        party = self.request.headers.get("OCPI-from-party-id", "")
        if country and party and not speaks_for(self.connection, PartyName.of(country, party)):
            raise UnknownParty("These credentials do not speak for the party in OCPI-from.")

    @property
    def is_remembered(self) -> bool:
        """Whether who asks was taken from memory."""
        return isinstance(self._sender(), Connection) and not self.request.auth

    def _sender(self) -> Any:
        return getattr(self.request, "_user", None)  # asking for `user` would authenticate

    def _unless_gone(self, error: ChargingError) -> ChargingError:
        """The refusal that is due; to who was only remembered, and is not known any more, the
        same as to any stranger, which is no message of the connection's."""
        if not self.is_remembered:
            return error
        try:
            confirm(self.connection, self.now)
        except CredentialsRefused as gone:
            self.request._user = None  # type: ignore[attr-defined]
            return gone
        return error

    def _log(self, error: ChargingError, code: int) -> None:
        if self.request.method not in WRITES or not isinstance(self._sender(), Connection):
            return
        try:
            data = self.data
        except ChargingError:
            data = b""
        refuse(self._sent(data), error=error, status_code=code)

    def _sent(self, data: bytes) -> Sent:
        traces = self.traces()
        return Sent(
            connection=self.connection,
            version=str(self.kwargs.get("version", "")),
            method=str(self.request.method),
            module=self.module,
            data=data,
            at=self.now,
            request_id=traces["X-Request-ID"],
            correlation_id=traces["X-Correlation-ID"],
            is_remembered=self.is_remembered,
        )


def address_of(path: str) -> str:
    """A whole address under /ocpi/."""
    return f"{settings.PUBLIC_URL}/ocpi/{path}"
