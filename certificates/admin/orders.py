"""Standing orders, and what became of each period."""

from django.contrib import admin

from certificates.models import StandingOrder, StandingRun
from ledger.admin.readonly import ReadOnlyAdmin


@admin.register(StandingOrder)
class StandingOrderAdmin(ReadOnlyAdmin):
    list_display = ("holder", "beneficiary", "measure", "every", "status", "problem")
    list_select_related = ("holder",)
    list_filter = ("status", "every")
    search_fields = ("pk", "holder__slug")
    exclude = ("request_hash",)


@admin.register(StandingRun)
class StandingRunAdmin(ReadOnlyAdmin):
    list_display = ("order", "starts_at", "ends_at", "cancellation", "ran_at")
    list_select_related = ("order", "cancellation")
    search_fields = ("order__pk",)
