"""What is kept of plants and times, and what of it is out of date."""

from django.contrib import admin

from certificates.models import StretchHolding, StretchProduction, StretchUse, TouchedStretch
from ledger.admin.readonly import ReadOnlyAdmin


@admin.register(TouchedStretch)
class TouchedStretchAdmin(ReadOnlyAdmin):
    list_display = ("pk", "stretch")
    search_fields = ("stretch",)


@admin.register(StretchHolding)
class StretchHoldingAdmin(ReadOnlyAdmin):
    list_display = ("stretch", "account", "is_half", "lots", "amount_wh")
    list_select_related = ("account",)
    search_fields = ("plant", "account__uuid")


@admin.register(StretchProduction)
class StretchProductionAdmin(ReadOnlyAdmin):
    list_display = ("stretch", "intervals", "produced_wh")
    search_fields = ("plant",)


@admin.register(StretchUse)
class StretchUseAdmin(ReadOnlyAdmin):
    list_display = ("stretch", "claimant", "purpose", "is_own", "amount_wh")
    list_select_related = ("claimant",)
    search_fields = ("plant",)
