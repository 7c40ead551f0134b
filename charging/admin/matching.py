"""Which generation went to which charge, and the receipts that say so."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from certificates.admin.energy import retirement_trail
from charging.models import (
    Allocation,
    ClosedInterval,
    ClosingPolicy,
    Comparator,
    MatchingRun,
    ProvisionalHour,
    PublishedScore,
    Receipt,
    StandingWish,
    TouchedDay,
)
from charging.queries.matching.verdicts import verdict_of
from ledger.admin.readonly import ReadOnlyAdmin


@admin.register(StandingWish)
class StandingWishAdmin(ReadOnlyAdmin):
    hidden_fields = ("mark",)
    list_display = ("organisation", "kind", "name", "valid_from", "valid_to", "set_at")
    list_select_related = ("organisation",)
    list_filter = ("kind", "organisation")


@admin.register(MatchingRun)
class MatchingRunAdmin(ReadOnlyAdmin):
    list_display = (
        "organisation",
        "starts_at",
        "ends_at",
        "policy",
        "demand_wh",
        "supply_wh",
        "matched_wh",
        "ran_at",
    )
    list_select_related = ("organisation",)
    list_filter = ("organisation",)
    search_fields = ("organisation__slug",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What the checker found in words, and every other column than what it kept of it."""
        columns = super().get_fields(request, obj)
        return ["finding", *(name for name in columns if name != "verdict")]

    @admin.display(description="What the checker found")
    def finding(self, row: MatchingRun) -> str:
        """In words, with a link to the run's own page, which computes it again."""
        found = verdict_of(row)
        words = (
            f"Proven before it was booked, by rule {found.version}: {found.matched_wh:,} of "
            f"{found.demand_wh:,} Wh matched, nothing more could be"
            if found
            else "Older than the checker"
        )
        return format_html(
            '{}. <a href="{}">Its page</a>', words, reverse("company-run", args=[row.pk])
        )


@admin.register(ClosedInterval)
class ClosedIntervalAdmin(ReadOnlyAdmin):
    list_display = ("organisation", "area", "starts_at", "rounds", "run")
    list_select_related = ("organisation", "area", "run")
    list_filter = ("organisation", "area")


@admin.register(ClosingPolicy)
class ClosingPolicyAdmin(ReadOnlyAdmin):
    list_display = ("valid_from", "area", "grace_minutes", "reason")
    list_select_related = ("area",)


@admin.register(TouchedDay)
class TouchedDayAdmin(ReadOnlyAdmin):
    """Days that the next run looks at; none where nothing waits."""

    list_display = ("organisation", "day")
    list_select_related = ("organisation",)


@admin.register(ProvisionalHour)
class ProvisionalHourAdmin(ReadOnlyAdmin):
    """What open hours would come to now; nothing of it is booked."""

    list_display = ("session_hour", "renewable_wh", "tracked_wh", "planned_at")
    list_select_related = ("session_hour",)
    search_fields = ("pk",)


@admin.register(Allocation)
class AllocationAdmin(ReadOnlyAdmin):
    list_display = ("session_hour", "retirement", "run")
    list_select_related = ("session_hour", "retirement", "run")
    search_fields = ("pk", "retirement__reference")

    def trail(self, row: Any) -> Sequence[tuple[str, models.Model]]:
        """The whole way of these Wh, from the meter line to the receipt."""
        session = row.session_hour.session
        receipt = session.receipts.order_by("-version").first()
        return [
            *retirement_trail(row.retirement),
            ("Allocation", row),
            ("Hour of the charge", row.session_hour),
            ("Charge", session),
            *([("Receipt", receipt)] if receipt else []),
        ]


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "session", "version", "opened_at", "link_revoked_at")
    list_select_related = ("session",)
    search_fields = ("public_id", "session__id")

    def trail(self, row: Any) -> Sequence[tuple[str, models.Model]]:
        return [("Charge", row.session), ("Receipt", row)]


@admin.register(Comparator)
class ComparatorAdmin(ReadOnlyAdmin):
    list_display = ("label", "value", "unit", "source")
    search_fields = ("key",)


@admin.register(PublishedScore)
class PublishedScoreAdmin(ReadOnlyAdmin):
    list_display = ("organisation", "published_at", "withdrawn_at")
    list_select_related = ("organisation",)
    search_fields = ("organisation__slug",)
