"""Storage: its terms, records, settled loss intervals, and what it gave back."""

from django.contrib import admin

from certificates.models import (
    ChargeAllocation,
    DischargePart,
    LossInterval,
    StorageAct,
    StorageRecord,
    StorageTerms,
    StoredPart,
)
from ledger.admin.readonly import ReadOnlyAdmin


@admin.register(StorageTerms)
class StorageTermsAdmin(ReadOnlyAdmin):
    list_display = ("device", "capacity_wh", "method", "loss_months", "starts_at", "opening_wh")
    list_select_related = ("device",)
    search_fields = ("device__gsrn",)
    exclude = ("disclosure_key",)


@admin.register(StorageRecord)
class StorageRecordAdmin(ReadOnlyAdmin):
    list_display = ("device", "direction", "starts_at", "energy_wh", "version", "status")
    list_select_related = ("device",)
    list_filter = ("direction", "status")
    search_fields = ("pk", "device__gsrn")


@admin.register(ChargeAllocation)
class ChargeAllocationAdmin(ReadOnlyAdmin):
    list_display = ("charge", "retirement", "allocated_at")
    list_select_related = ("charge", "retirement")
    search_fields = ("pk",)


@admin.register(LossInterval)
class LossIntervalAdmin(ReadOnlyAdmin):
    list_display = (
        "device",
        "starts_at",
        "ends_at",
        "opening_wh",
        "input_wh",
        "output_wh",
        "stored_wh",
        "given_wh",
    )
    list_select_related = ("device",)
    search_fields = ("device__gsrn",)


@admin.register(StoredPart)
class StoredPartAdmin(ReadOnlyAdmin):
    list_display = ("interval", "charge", "amount_wh", "drawn_wh", "given_wh", "lost_wh", "left_wh")
    list_select_related = ("interval", "charge")
    search_fields = ("pk",)


@admin.register(DischargePart)
class DischargePartAdmin(ReadOnlyAdmin):
    list_display = ("discharge", "allocation", "drawn_wh", "given_wh", "lot")
    list_select_related = ("discharge", "allocation", "lot")
    search_fields = ("pk",)


@admin.register(StorageAct)
class StorageActAdmin(ReadOnlyAdmin):
    list_display = ("device", "kind", "status", "amount_wh", "asked_by", "asked_at", "due_at")
    list_select_related = ("device",)
    list_filter = ("kind", "status")
    search_fields = ("pk", "device__gsrn")
