"""From the meter line to the retirement."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from certificates.admin import review
from certificates.models import (
    ExternalRange,
    Lot,
    LotAsset,
    MeterFile,
    OwnRetirement,
    Reading,
    Retirement,
)
from ledger.admin.readonly import ReadOnlyAdmin
from ledger.admin.settlement_trail import settlement_trail


@admin.register(MeterFile)
class MeterFileAdmin(ReadOnlyAdmin):
    list_display = ("name", "device", "status", "rows_done", "uploaded_by", "uploaded_at")
    list_select_related = ("device", "uploaded_by")
    list_filter = ("status", "device")
    search_fields = ("key", "device__gsrn")
    hidden_fields = ("stored_as",)


@admin.register(Reading)
class ReadingAdmin(ReadOnlyAdmin):
    list_display = (
        "device",
        "starts_at",
        "ends_at",
        "version",
        "energy_wh",
        "quality",
        "status",
        "hold_reason",
        "line",
    )
    list_select_related = ("device",)
    list_filter = ("status", review.CauseFilter, "device")
    search_fields = ("pk", "device__gsrn")
    actions = (review.release, review.end)
    action_form = review.ReviewForm

    def has_review_permission(self, request: HttpRequest) -> bool:
        return review.may_review(request)

    def trail(self, row: Any) -> Sequence[tuple[str, models.Model]]:
        lot = row.lots.select_related("entry").first()
        return [("Meter file", row.file), ("Reading", row), *(lot_trail(lot) if lot else [])]


@admin.register(Lot)
class LotAdmin(ReadOnlyAdmin):
    list_display = ("device", "starts_at", "length_minutes", "amount_wh", "mask", "first_wh")
    list_select_related = ("device",)
    list_filter = ("device",)
    search_fields = ("code", "pk", "device__gsrn")

    def trail(self, row: Any) -> Sequence[tuple[str, models.Model]]:
        return [*origin_trail(row), *lot_trail(row)]


@admin.register(LotAsset)
class LotAssetAdmin(ReadOnlyAdmin):
    list_display = ("asset", "lot", "mask")
    list_select_related = ("asset", "lot")
    search_fields = ("lot__code",)


@admin.register(Retirement)
class RetirementAdmin(ReadOnlyAdmin):
    list_display = ("reference", "lot", "amount_wh", "mask", "claimant", "retired_at")
    list_select_related = ("lot", "claimant")
    list_filter = ("claimant",)
    search_fields = ("reference", "pk", "lot__code")

    def trail(self, row: Any) -> Sequence[tuple[str, models.Model]]:
        return retirement_trail(row)


@admin.register(OwnRetirement)
class OwnRetirementAdmin(ReadOnlyAdmin):
    list_display = ("organisation", "lot", "amount_wh", "mask", "retired_at")
    list_select_related = ("lot", "organisation")
    list_filter = ("organisation",)
    search_fields = ("pk", "lot__code")

    def trail(self, row: Any) -> Sequence[tuple[str, models.Model]]:
        return retirement_trail(row)


def origin_trail(lot: Lot) -> list[tuple[str, models.Model]]:
    """What a lot was made of: a meter file's reading, or another registry's serials."""
    if lot.reading is not None:
        return [("Meter file", lot.reading.file), ("Reading", lot.reading)]
    bundle = ExternalRange.objects.select_related("brought_in").filter(lot=lot).first()
    return [("Import", bundle.brought_in), ("Serials", bundle)] if bundle else []


def lot_trail(lot: Lot) -> list[tuple[str, models.Model]]:
    """From the lot to the block that certified its issuance."""
    return [("Lot", lot), *settlement_trail(lot.entry)]


def retirement_trail(retirement: Retirement | OwnRetirement) -> list[tuple[str, models.Model]]:
    """From the meter line to the block that certified the retirement."""
    lot = retirement.lot
    return [
        *origin_trail(lot),
        ("Lot", lot),
        ("Retirement", retirement),
        *settlement_trail(retirement.entry),
    ]
