"""A body that is larger than any upload may be is refused before a byte of it is read."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from certificates.views.language import in_readers_language
from config import problem_details

FORM_BYTES = 64 * 1024  # what a form adds around its file
TOO_LARGE = 413


class BodyLimit:
    """Middleware: answers 413 by the announced length; what is not announced is not read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        announced = request.META.get("CONTENT_LENGTH") or "0"
        limit = settings.UPLOAD_LIMIT_BYTES + FORM_BYTES
        if announced.isdigit() and int(announced) <= limit:
            return self.get_response(request)
        megabytes = settings.UPLOAD_LIMIT_BYTES // (1024 * 1024)
        if problem_details.is_ocpi(request):
            words = f"A body has {megabytes} MB at most."
            return problem_details.ocpi_refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words)
        if request.path.startswith("/api/"):
            return problem_details.refuse(
                TOO_LARGE,
                "upload_too_large",
                f"A body has {megabytes} MB at most. Split the file.",
            )
        page = in_readers_language(render)
        return page(request, "413.html", {"megabytes": megabytes}, status=TOO_LARGE)
