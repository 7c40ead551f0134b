"""What is on its way to the chain, and what stands there."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from ledger.admin.readonly import ReadOnlyAdmin, hexadecimal
from ledger.models import Batch, Block, OutboxItem, SettlementEntry, VoidClaim
from ledger.queries.witnesses import with_seen_by

OPEN = ("pending", "submitted")


class OpenFilter(admin.SimpleListFilter):
    """What is not on the chain yet; read from an index of open items only."""

    title = "progress"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "Not on the chain yet")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(status__in=OPEN) if self.value() == "1" else queryset


@admin.register(OutboxItem)
class OutboxItemAdmin(ReadOnlyAdmin):
    list_display = ("entry", "kind", "status", "batch", "renewable_wh", "emissions_wh")
    list_select_related = ("entry", "batch")
    list_filter = (OpenFilter,)
    search_fields = ("entry__key", "entry__id")


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    list_display = ("sequence", "kind", "status", "block", "prepared_at")
    list_select_related = ("block",)
    list_filter = ("status", "kind")
    search_fields = ("nonce", "transaction_hash")


@admin.register(SettlementEntry)
class SettlementEntryAdmin(ReadOnlyAdmin):
    list_display = ("batch", "position", "account", "asset", "amount", "count")
    list_select_related = ("batch", "account", "asset")
    search_fields = ("asset__id", "account__uuid")


@admin.register(VoidClaim)
class VoidClaimAdmin(ReadOnlyAdmin):
    list_display = ("retirement", "reason", "entry")
    list_select_related = ("retirement", "entry")
    search_fields = ("retirement__key", "retirement__id")


@admin.register(Block)
class BlockAdmin(ReadOnlyAdmin):
    list_display = (
        "height",
        hexadecimal(Block._meta.get_field("block_hash")),
        "sealed_at",
        "seen_by",
    )
    search_fields = ("height", "block_hash")
    ordering = ("-height",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_seen_by(super().get_queryset(request))

    @admin.display(description="witnesses who saw it")
    def seen_by(self, block: Any) -> int:
        return int(block.seen_by)
