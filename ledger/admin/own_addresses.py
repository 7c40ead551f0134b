"""Addresses of holders' own, what they did there, and what they sent."""

from django.contrib import admin

from ledger.admin.readonly import ReadOnlyAdmin, hexadecimal
from ledger.models import MirroredEvent, OwnAddress, WaitingTransaction


@admin.register(OwnAddress)
class OwnAddressAdmin(ReadOnlyAdmin):
    list_display = (
        hexadecimal(OwnAddress._meta.get_field("address")),
        "holder",
        "account",
        "linked_at",
    )
    list_select_related = ("holder", "account")
    search_fields = ("address", "holder__uuid")


@admin.register(MirroredEvent)
class MirroredEventAdmin(ReadOnlyAdmin):
    list_display = ("block", "log_index", "part", "entry")
    list_select_related = ("block", "entry")
    search_fields = ("entry__key", "block__height")


@admin.register(WaitingTransaction)
class WaitingTransactionAdmin(ReadOnlyAdmin):
    list_display = (
        hexadecimal(WaitingTransaction._meta.get_field("transaction_hash")),
        hexadecimal(WaitingTransaction._meta.get_field("sender")),
        "nonce",
        "status",
        "block",
        "received_at",
    )
    list_select_related = ("block",)
    list_filter = ("status",)
    search_fields = ("transaction_hash", "sender")
