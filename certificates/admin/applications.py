"""The registry's decisions on plants that were handed in, from the list of plants."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from certificates.errors import CertificatesError
from certificates.models import Device
from certificates.permissions import works_for_registry
from certificates.services import plant_applications


class DecisionForm(ActionForm):
    """The choice of what to do, and what the owner reads."""

    reason = forms.CharField(
        max_length=plant_applications.LONGEST_REASON,
        required=False,
        label="What to change (the owner reads it)",
    )


@admin.action(description="Approve submitted plants", permissions=["approve"])
def approve(model_admin: Any, request: HttpRequest, queryset: QuerySet[Device]) -> None:
    """From now on the chosen plants' readings become certificates."""
    _decide(model_admin, request, queryset, plant_applications.approve)


@admin.action(description="Send submitted plants back", permissions=["approve"])
def send_back(model_admin: Any, request: HttpRequest, queryset: QuerySet[Device]) -> None:
    """Ask the owners of the chosen plants for other facts."""
    reason = request.POST.get("reason", "")

    def act(**given: Any) -> Device:
        return plant_applications.send_back(reason=reason, **given)

    _decide(model_admin, request, queryset, act)


def may_decide(request: HttpRequest) -> bool:
    """Auditors and registrars decide."""
    return works_for_registry(request.user)


def _decide(
    model_admin: Any,
    request: HttpRequest,
    queryset: QuerySet[Device],
    act: Callable[..., Device],
) -> None:
    """All or none: one refusal leaves everything as it was, and is shown."""
    try:
        with transaction.atomic():
            done = [
                act(device=device, now=timezone.now(), actor=request.user)
                for device in queryset.order_by("pk")
            ]
    except CertificatesError as error:
        model_admin.message_user(request, f"Nothing was changed. {error}", messages.ERROR)
        return
    plants = "plant" if len(done) == 1 else "plants"
    model_admin.message_user(request, f"{len(done)} {plants} decided.", messages.SUCCESS)
