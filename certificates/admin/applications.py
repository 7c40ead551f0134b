"""The registry's decisions on plants that were handed in, from the list of plants."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest

from certificates.errors import CertificatesError
from certificates.models import Device
from certificates.permissions import works_for_registry
from certificates.services.plants import applications as plant_applications
from ledger.admin.deciding import decide


class DecisionForm(ActionForm):
    """The choice of what to do, and what the owner reads."""

    reason = forms.CharField(
        max_length=plant_applications.LONGEST_REASON,
        required=False,
        label="What to change (the owner reads it)",
    )


@admin.action(description="Approve submitted plants", permissions=["approve"])
def approve(door: Any, request: HttpRequest, queryset: QuerySet[Device]) -> None:
    """From now on the chosen plants' readings become certificates."""

    def act(row: Device, **by: Any) -> None:
        plant_applications.approve(device=row, **by)

    decide(door, request, queryset.order_by("pk"), act, CertificatesError)


@admin.action(description="Send submitted plants back", permissions=["approve"])
def send_back(door: Any, request: HttpRequest, queryset: QuerySet[Device]) -> None:
    """Ask the owners of the chosen plants for other facts."""
    reason = request.POST.get("reason", "")

    def act(row: Device, **by: Any) -> None:
        plant_applications.send_back(device=row, reason=reason, **by)

    decide(door, request, queryset.order_by("pk"), act, CertificatesError)


def may_decide(request: HttpRequest) -> bool:
    """Auditors and registrars decide."""
    return works_for_registry(request.user)
