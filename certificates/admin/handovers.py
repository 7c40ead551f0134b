"""Plants that change hands, and the registry's decision on them."""

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
from certificates.models import Handover
from certificates.permissions import is_auditor
from certificates.services import handovers
from ledger.admin.readonly import ReadOnlyAdmin


class DecisionForm(ActionForm):
    """The choice of what to do, and what both sides read."""

    reason = forms.CharField(
        max_length=handovers.LONGEST_TEXT,
        required=False,
        label="Why it is refused (both sides read it)",
    )


@admin.action(description="Approve accepted handovers", permissions=["decide"])
def approve(model_admin: Any, request: HttpRequest, queryset: QuerySet[Handover]) -> None:
    """From their day on the plants' output is the new owners'."""
    _decide(model_admin, request, queryset, handovers.approve)


@admin.action(description="Refuse accepted handovers", permissions=["decide"])
def refuse(model_admin: Any, request: HttpRequest, queryset: QuerySet[Handover]) -> None:
    """The plants stay where they are."""
    reason = request.POST.get("reason", "")

    def act(**given: Any) -> Handover:
        return handovers.refuse(reason=reason, **given)

    _decide(model_admin, request, queryset, act)


def _decide(
    model_admin: Any,
    request: HttpRequest,
    queryset: QuerySet[Handover],
    act: Callable[..., Handover],
) -> None:
    """All or none: one refusal leaves everything as it was, and is shown."""
    try:
        with transaction.atomic():
            done = [
                act(handover=one, now=timezone.now(), actor=request.user)
                for one in queryset.order_by("device", "pk")
            ]
    except CertificatesError as error:
        model_admin.message_user(request, f"Nothing was changed. {error}", messages.ERROR)
        return
    count = f"{len(done)} handover{'' if len(done) == 1 else 's'}"
    model_admin.message_user(request, f"{count} decided.", messages.SUCCESS)


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
