"""Plants that change hands, and the registry's decision on them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest

from certificates.errors import CertificatesError
from certificates.models import Handover
from certificates.permissions import is_auditor
from certificates.services.handovers import handovers
from ledger.admin.deciding import decide
from ledger.admin.readonly import ReadOnlyAdmin


class DecisionForm(ActionForm):
    """The choice of what to do, and what both sides read."""

    reason = forms.CharField(
        max_length=handovers.LONGEST_TEXT,
        required=False,
        label="Why it is refused (both sides read it)",
    )


@admin.action(description="Approve accepted handovers", permissions=["decide"])
def approve(door: Any, request: HttpRequest, queryset: QuerySet[Handover]) -> None:
    """From their day on the plants' output is the new owners'."""

    def act(row: Handover, **by: Any) -> None:
        handovers.approve(handover=row, **by)

    decide(door, request, queryset.order_by("device", "pk"), act, CertificatesError)


@admin.action(description="Refuse accepted handovers", permissions=["decide"])
def refuse(door: Any, request: HttpRequest, queryset: QuerySet[Handover]) -> None:
    """The plants stay where they are."""
    reason = request.POST.get("reason", "")

    def act(row: Handover, **by: Any) -> None:
        handovers.refuse(handover=row, reason=reason, **by)

    decide(door, request, queryset.order_by("device", "pk"), act, CertificatesError)


@admin.register(Handover)
class HandoverAdmin(ReadOnlyAdmin):
    list_display = ("device", "seller", "buyer", "effective_on", "status", "accepted_debt_wh")
    list_select_related = ("device", "seller", "buyer")
    list_filter = ("status",)
    search_fields = ("device__gsrn", "seller__slug", "buyer__slug")
    actions = (approve, refuse)
    action_form = DecisionForm

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Auditors decide."""
        return is_auditor(request.user)
