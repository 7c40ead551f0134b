"""Requests of other charging systems go straight to their view.

Sessions, cookies, forms, messages, static files and the policy of pages are nothing to them, and
took a fifth of the time of a charge record.
"""

from collections.abc import Callable
from typing import cast

from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.urls import resolve

from config.problem_details import is_ocpi


class ShortWay:
    """Middleware: answers what is under /ocpi/ without those behind it.

    What they do that matters there it does itself: the host is checked, and the length told.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.answer = convert_exception_to_response(_view)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_ocpi(request):
            return self.get_response(request)
        response = cast(HttpResponse, self.answer(request))
        response["Content-Length"] = str(len(response.content))
        return response


def _view(request: HttpRequest) -> HttpResponse:
    """Raises: DisallowedHost, Resolver404, and what the view raises."""
    request.get_host()
    request.resolver_match = found = resolve(request.path_info)
    response = found.func(request, *found.args, **found.kwargs)
    if hasattr(response, "render"):
        response.render()
    return response  # type: ignore[no-any-return]
