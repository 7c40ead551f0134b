"""For whom a person acts on the pages of what is held."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import cache_control

from certificates.models import Device, Organisation
from certificates.permissions import held_by
from certificates.queries.holding.held_plants import held_plants

View = Callable[..., HttpResponseBase]


def holders_only(view: View) -> View:
    """For people who act for a holder, which the view gets as `holder`; others are told so.

    Who acts for several chooses by `as`, a short name.
    """

    @login_required
    @cache_control(private=True, no_store=True)
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        mine = held_by(request.user)
        chosen = request.POST.get("as") or request.GET.get("as")
        holder = (mine.filter(slug=chosen) if chosen else mine).order_by("name").first()
        if holder is None:
            raise PermissionDenied
        return view(request, *args, holder=holder, **kwargs)

    return guarded


def others_of(request: HttpRequest, holder: Organisation) -> list[Organisation]:
    """The other organisations that the person acts for."""
    return list(held_by(request.user).exclude(pk=holder.pk))


def plants_held(holder: Organisation) -> list[Device]:
    """Plants of which the organisation holds certificates."""
    return sorted((line.device for line in held_plants(holder)), key=lambda plant: plant.name)
