"""Which generation went to which charge, and the receipts that say so."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db import models

from certificates.admin.energy import retirement_trail
from charging.models import Allocation, ClosedInterval, Comparator, MatchingRun, Receipt
from ledger.admin.readonly import ReadOnlyAdmin


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


@admin.register(ClosedInterval)
class ClosedIntervalAdmin(ReadOnlyAdmin):
    list_display = ("organisation", "area", "starts_at", "rounds", "run")
    list_select_related = ("organisation", "area", "run")
    list_filter = ("organisation", "area")


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
            ("Meter file", row.retirement.lot.reading.file),
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
