"""The auditor's decisions on held readings, from the list of readings."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from certificates.errors import ReviewRefused
from certificates.models import Reading
from certificates.permissions import is_auditor
from certificates.services import review
from certificates.tasks import issue_device


class ReviewForm(ActionForm):
    """The choice of what to do, and why."""

    reason = forms.CharField(
        max_length=review.LONGEST_REASON, required=False, label="Reason (kept and shown)"
    )


@admin.action(description="Release held readings", permissions=["review"])
def release(model_admin: Any, request: HttpRequest, queryset: QuerySet[Reading]) -> None:
    """Accept the chosen readings; certificates follow."""
    done = _decide(model_admin, request, queryset, review.release)
    for device in {reading.device_id for reading in done}:
        work = issue_device.si(device)
        transaction.on_commit(work.delay, robust=True)


@admin.action(description="End held readings", permissions=["review"])
def end(model_admin: Any, request: HttpRequest, queryset: QuerySet[Reading]) -> None:
    """Do not accept the chosen readings; they stay visible."""
    _decide(model_admin, request, queryset, review.end)


def may_review(request: HttpRequest) -> bool:
    """Auditors decide, and only in a list of readings."""
    return is_auditor(request.user)


def _decide(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[Reading], act: Any
) -> list[Reading]:
    """All or none: one refusal leaves everything as it was, and is shown."""
    reason = request.POST.get("reason", "").strip()
    try:
        with transaction.atomic():
            done = [
                act(reading=reading, reason=reason, now=timezone.now(), actor=request.user)
                for reading in queryset.order_by("pk")
            ]
    except ReviewRefused as error:
        model_admin.message_user(request, f"Nothing was changed. {error}", messages.ERROR)
        return []
    model_admin.message_user(request, f"{len(done)} readings decided.", messages.SUCCESS)
    return done
