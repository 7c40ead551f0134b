"""Pages in the language of whoever reads them."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

CHOICE = "lang"  # in the address, so that the choice works without scripts and cookies


def in_readers_language(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponse]:
    """The view's answer in the language that the address asks for, else the one chosen before,
    else the browser's; a choice is remembered.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        chosen = chosen_language(request)
        code = chosen or translation.get_language_from_request(request)
        with translation.override(code):
            response: Any = view(request, *args, **kwargs)
            if isinstance(response, TemplateResponse):  # drawn late, unless asked to now
                response.render()
        response["Content-Language"] = code
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        if chosen:
            _remember(response, chosen)
        return cast(HttpResponse, response)

    return answer


def chosen_language(request: HttpRequest) -> str:
    """The language that the address asks for, if it is one we have; otherwise nothing."""
    code = request.GET.get(CHOICE, "")
    return code if code in dict(settings.LANGUAGES) else ""


def _remember(response: HttpResponse, code: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
        secure=settings.LANGUAGE_COOKIE_SECURE,
    )
