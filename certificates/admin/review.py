"""The auditor's decisions on held readings, from the list of readings."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from certificates.errors import ReviewRefused
from certificates.models import Reading
from certificates.permissions import is_auditor
from certificates.services import review
from certificates.tasks import issue_device
from ledger.admin.deciding import decide


class ReviewForm(ActionForm):
    """The choice of what to do, and why."""

    reason = forms.CharField(
        max_length=review.LONGEST_REASON, required=False, label="Reason (kept and shown)"
    )


@admin.action(description="Release held readings", permissions=["review"])
def release(door: Any, request: HttpRequest, queryset: QuerySet[Reading]) -> None:
    """Accept the chosen readings; certificates follow."""
    done = _decide(door, request, queryset, review.release)
    for device in {reading.device_id for reading in done}:
        work = issue_device.si(device)
        transaction.on_commit(work.delay, robust=True)


@admin.action(description="End held readings", permissions=["review"])
def end(door: Any, request: HttpRequest, queryset: QuerySet[Reading]) -> None:
    """Do not accept the chosen readings; they stay visible."""
    _decide(door, request, queryset, review.end)


def may_review(request: HttpRequest) -> bool:
    """Auditors decide, and only in a list of readings."""
    return is_auditor(request.user)


def _decide(
    door: Any, request: HttpRequest, queryset: QuerySet[Reading], event: Callable[..., Any]
) -> list[Reading]:
    reason = request.POST.get("reason", "").strip()

    def act(row: Reading, **by: Any) -> None:
        event(reading=row, reason=reason, **by)

    return decide(door, request, queryset.order_by("pk"), act, ReviewRefused)
