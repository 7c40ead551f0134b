"""A body that is larger than any upload may be is refused before a byte of it is read."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from certificates.views.language import in_readers_language
from config import problem_details, unannounced_body

FORM_BYTES = 64 * 1024  # what a form adds around its file
TOO_LARGE = 413


class BodyLimit:
    """Middleware: answers 413 by the announced length, or where a long body announced none.

    The views of OCPI, which do not come by here, have a smaller limit of their own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        announced = request.META.get("CONTENT_LENGTH") or "0"
        limit = settings.UPLOAD_LIMIT_BYTES + FORM_BYTES
        is_endless = request.META.get(unannounced_body.ENDLESS, False)
        if announced.isdigit() and int(announced) <= limit and not is_endless:
            return self.get_response(request)
        most = unannounced_body.MOST_BYTES if is_endless else settings.UPLOAD_LIMIT_BYTES
        megabytes = most // (1024 * 1024)
        words = f"A body has {megabytes} MB at most."
        if is_endless:
            words = (
                f"A body without Content-Length has {megabytes} MB at most. Announce its length."
            )
        if request.path.startswith("/api/"):
            words += "" if is_endless else " Split the file."
            return problem_details.refuse(TOO_LARGE, "upload_too_large", words)
        page = in_readers_language(render)
        return page(request, "413.html", {"megabytes": megabytes}, status=TOO_LARGE)
