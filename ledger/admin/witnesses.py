"""Who co-signs the chain, and what they signed."""

from django.contrib import admin

from ledger.admin.readonly import ReadOnlyAdmin, hexadecimal
from ledger.models import Witness, WitnessSignature


@admin.register(Witness)
class WitnessAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        hexadecimal(Witness._meta.get_field("address")),
        "since_height",
        "retired_height",
    )
    search_fields = ("address",)


@admin.register(WitnessSignature)
class WitnessSignatureAdmin(ReadOnlyAdmin):
    list_display = ("witness", "block", "received_at")
    list_select_related = ("witness", "block")
    search_fields = ("block__height", "witness__address")
