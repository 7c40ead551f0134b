"""Every refusal under /api/ as problem details (RFC 9457), its status chosen here."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views import defaults
from django.views.csrf import csrf_failure
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from certificates.errors import CertificatesError, LinesRefused
from certificates.views.language import in_readers_language
from charging.api.ocpi.answers import envelope
from charging.domain.ocpi.status import CLIENT_ERROR, SERVER_ERROR
from charging.errors import ChargingError
from ledger.errors import LedgerError

MEDIA_TYPE = "application/problem+json"
TYPED = (LedgerError, CertificatesError, ChargingError)
MOST_ERRORS = 1_000  # lines named in one answer
OTHERWISE = HTTPStatus.UNPROCESSABLE_ENTITY
STATUS = {
    HTTPStatus.BAD_REQUEST: {"idempotency_key_missing", "unknown_parameter"},
    HTTPStatus.UNAUTHORIZED: {"api_key_refused"},
    HTTPStatus.FORBIDDEN: {"not_a_charging_company", "not_a_producer", "role_missing"},
    HTTPStatus.NOT_FOUND: {
        "device_unknown",
        "unknown_session",
        "unknown_standing_wish",
        "unknown_organisation",
        "statement_unknown",
    },
    HTTPStatus.CONFLICT: {
        "request_in_flight",
        "key_reused",
        "overdrawn",
        "already_reversed",
        "already_settled",
        "certified_elsewhere",
        "device_not_approved",
        "transition_refused",
        "device_exists",
        "offer_refused",
        "file_overtaken",
        "selection_changed",
        "loss_interval_closed",
    },
    HTTPStatus.GONE: {"link_revoked"},
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: {"upload_too_large", "file_too_large"},
    HTTPStatus.TOO_MANY_REQUESTS: {"too_many_files", "lists_under_way"},
    HTTPStatus.SERVICE_UNAVAILABLE: {"chain_busy"},
}
BY_CODE = {code: status for status, codes in STATUS.items() for code in codes}


def status_of(error: Exception) -> HTTPStatus:
    """The HTTP status of a typed error."""
    return BY_CODE.get(getattr(error, "code", ""), OTHERWISE)


def problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """The members of a problem: type, title, status, detail, our code, and what helps."""
    return {
        "type": f"urn:registry:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
        **more,
    }


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """The problem that an API view raised; None leaves the unforeseen to Django."""
    if isinstance(error, TYPED):
        status = status_of(error)
        return _respond(problem(status, error.code, str(error), **_where(error)))
    if isinstance(error, RecursionError):
        return _respond(problem(400, "nested_too_deep", "The body nests too deeply. Flatten it."))
    response = exception_handler(error, context)
    if response is None:
        return None
    code, detail, more = _explain(error)
    headers = {name: response[name] for name in ("WWW-Authenticate", "Allow") if name in response}
    return _respond(problem(response.status_code, code, detail, **more), headers)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: a problem under /api/, an envelope under /ocpi/, the page elsewhere."""
    if is_ocpi(request):
        return ocpi_refusal(HTTPStatus.NOT_FOUND, f"Nothing is at {request.path}.")
    if not _is_api(request):
        return in_readers_language(defaults.page_not_found)(request, exception)
    return _json(problem(404, "not_found", f"Nothing is at {request.path}."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: the page."""
    return in_readers_language(defaults.permission_denied)(request, exception)


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without the sign that it came from here: the page."""
    return in_readers_language(csrf_failure)(request, reason=reason)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a problem under /api/, an envelope under /ocpi/, the page elsewhere."""
    if is_ocpi(request):
        words = "The registry made a mistake; it is logged."
        return ocpi_refusal(HTTPStatus.INTERNAL_SERVER_ERROR, words)
    if not _is_api(request):
        return in_readers_language(defaults.server_error)(request)
    return _json(problem(500, "internal_error", "The registry made a mistake; it is logged."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: a problem under /api/, an envelope under /ocpi/, the page elsewhere."""
    if is_ocpi(request):
        return ocpi_refusal(HTTPStatus.BAD_REQUEST, "The request cannot be read.")
    if not _is_api(request):
        return in_readers_language(defaults.bad_request)(request, exception)
    return _json(problem(400, "bad_request", "The request cannot be read."))


def refuse(status: int, code: str, detail: str) -> HttpResponse:
    """A refusal from outside the views."""
    return _json(problem(status, code, detail))


def _where(error: Exception) -> dict[str, Any]:
    if isinstance(error, LinesRefused):
        errors = [asdict(each) for each in error.lines[:MOST_ERRORS]]
        return {"errors": errors, "refused_lines": len(error.lines)}
    field = getattr(error, "field", "")
    return {"errors": [{"field": field, "message": str(error)}]} if field else {}


def _explain(error: Exception) -> tuple[str, str, dict[str, Any]]:
    if isinstance(error, Http404):
        return "not_found", "There is no such thing, or it is not yours to see.", {}
    if isinstance(error, PermissionDenied):
        return "permission_denied", "This is not allowed.", {}
    if isinstance(error, exceptions.ValidationError):
        errors = list(_flatten(error.detail))
        return "invalid_request", _sentence(errors), {"errors": errors}
    if isinstance(error, exceptions.APIException):
        return str(error.default_code), str(error.detail), {}
    return "refused", str(error), {}


def _sentence(errors: list[dict[str, Any]]) -> str:
    first = errors[0]
    place = ", ".join(filter(None, (_line(first), first["field"])))
    words = f"{place}: {first['message']}" if place else first["message"]
    others = sorted({each["field"] for each in errors} - {first["field"], ""})
    return f"{words} Please correct {', '.join(others)} too." if others else words


def _line(error: dict[str, Any]) -> str:
    return f"Line {error['line']}" if "line" in error else ""


def _flatten(detail: Any, field: str = "", line: int | None = None) -> Any:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            named = "" if name == "non_field_errors" else str(name)
            yield from _flatten(inner, f"{field}.{named}".strip("."), line)
    elif isinstance(detail, list):
        for number, inner in enumerate(detail, start=1):
            yield from _flatten(inner, field, number if isinstance(inner, dict) else line)
    else:
        where = {} if line is None else {"line": line}
        yield where | {"field": field, "message": str(detail)}


def is_ocpi(request: HttpRequest) -> bool:
    """Whether another charging system asks."""
    return request.path.startswith("/ocpi/")


def ocpi_refusal(status: HTTPStatus, detail: str) -> HttpResponse:
    """A refusal from outside the views of OCPI, in its envelope."""
    code = SERVER_ERROR if status >= HTTPStatus.INTERNAL_SERVER_ERROR else CLIENT_ERROR
    body = envelope(now=timezone.now(), code=code, message=detail)
    return HttpResponse(body, status=status, content_type="application/json")


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _respond(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(body, body["status"], headers=headers, content_type=MEDIA_TYPE)


def _json(body: dict[str, Any]) -> JsonResponse:
    return JsonResponse(body, status=body["status"], content_type=MEDIA_TYPE)
