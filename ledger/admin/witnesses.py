"""Who co-signs the chain, and what they signed."""

from typing import Any

from django.contrib import admin
from django.db.models import Subquery
from django.http import HttpRequest

from ledger.admin.readonly import ReadOnlyAdmin, hexadecimal
from ledger.models import Block, Witness, WitnessSignature
from ledger.queries.witnesses import with_last_signed


@admin.register(Witness)
class WitnessAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        hexadecimal(Witness._meta.get_field("address")),
        "since_height",
        "retired_height",
        "last_signed",
        "behind",
    )
    search_fields = ("address",)

    def get_queryset(self, request: HttpRequest) -> Any:
        newest = Block.objects.order_by("-height").values("height")[:1]
        rows = with_last_signed(super().get_queryset(request))
        return rows.annotate(newest=Subquery(newest))

    @admin.display(description="last block signed", empty_value="none")
    def last_signed(self, witness: Any) -> int | None:
        found: int | None = witness.last_signed
        return found

    @admin.display(description="blocks behind")
    def behind(self, witness: Any) -> str:
        """Up to the newest block noted here, or to the end of its term."""
        if witness.newest is None:
            return "no block yet"
        term = witness.newest
        if witness.retired_height is not None:
            term = min(term, witness.retired_height)
        return f"{max(0, term - (witness.last_signed or 0)):,}"


@admin.register(WitnessSignature)
class WitnessSignatureAdmin(ReadOnlyAdmin):
    list_display = ("witness", "block", "received_at")
    list_select_related = ("witness", "block")
    search_fields = ("block__height", "witness__address")
