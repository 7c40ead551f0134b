"""The auditor's decisions on held readings, from the list of readings."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from certificates.domain.rules import RULES
from certificates.domain.rules.rule import HELD, pattern_of
from certificates.errors import ReviewRefused
from certificates.models import Reading
from certificates.permissions import is_auditor
from certificates.services.meters import review
from certificates.tasks import issue_device
from ledger.admin.deciding import decide_together
from ledger.services.asking import ask

HOLDING = {rule.number: rule for rule in RULES if rule.outcome == HELD}


class ReviewForm(ActionForm):
    """The choice of what to do, and why."""

    reason = forms.CharField(
        max_length=review.LONGEST_REASON, required=False, label="Reason (kept and shown)"
    )


@admin.action(description="Release held readings", permissions=["review"])
def release(door: Any, request: HttpRequest, queryset: QuerySet[Reading]) -> None:
    """Accept the chosen readings; certificates follow."""
    reason = _reason(request)

    def act(rows: list[Reading], **by: Any) -> None:
        review.release_all(readings=rows, reason=reason, **by)

    done = decide_together(door, request, queryset.order_by("pk"), act, ReviewRefused)
    for device in {reading.device_id for reading in done}:
        transaction.on_commit(partial(ask, issue_device.si(device)), robust=True)


@admin.action(description="End held readings", permissions=["review"])
def end(door: Any, request: HttpRequest, queryset: QuerySet[Reading]) -> None:
    """Do not accept the chosen readings; they stay visible, and each owner is told once."""
    reason = _reason(request)

    def act(rows: list[Reading], **by: Any) -> None:
        review.end_all(readings=rows, reason=reason, **by)

    decide_together(door, request, queryset.order_by("pk"), act, ReviewRefused)


class CauseFilter(admin.SimpleListFilter):
    """The rule that held a reading, so that all of one cause are decided in one act."""

    title = "why it was held"
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(rule.number, f"{rule.number} {rule.name}") for rule in HOLDING.values()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Reading]) -> QuerySet[Reading]:
        rule = HOLDING.get(self.value() or "")
        return queryset.filter(hold_reason__regex=pattern_of(rule)) if rule else queryset


def may_review(request: HttpRequest) -> bool:
    """Auditors decide, and only in a list of readings."""
    return is_auditor(request.user)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()
