"""The generator's first page: what needs doing."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from certificates.models import MeterFile, Role
from certificates.permissions import organisations_of, produced_by
from certificates.queries import generator

View = Callable[..., HttpResponseBase]


def producers_only(view: View) -> View:
    """For people who act for a producer; others are told so."""

    @login_required
    @cache_control(private=True, no_store=True)
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not organisations_of(request.user, Role.PRODUCER).exists():
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@producers_only
def home(request: HttpRequest) -> HttpResponse:
    """What needs doing, and each device with its last reading."""
    devices = list(produced_by(request.user))
    lines = generator.device_lines(devices)
    files = MeterFile.objects.filter(device__in=devices).select_related("device")
    context = {
        "lines": lines,
        "todo": [line for line in lines if line.held or line.missing or not line.readings],
        "waiting": files.filter(status=MeterFile.Status.PREVIEWED).order_by("-pk")[:5],
        "files": files.exclude(status=MeterFile.Status.PREVIEWED).order_by("-pk")[:8],
    }
    return render(request, "generator/home.html", context)
