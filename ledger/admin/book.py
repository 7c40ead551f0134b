"""The book: accounts, assets, balances, entries and their postings."""

from django.contrib import admin

from ledger.admin.readonly import ReadOnlyAdmin
from ledger.models import Account, Asset, Balance, Entry, Posting


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ("name", "system", "uuid")
    list_filter = ("system",)
    search_fields = ("uuid",)


@admin.register(Asset)
class AssetAdmin(ReadOnlyAdmin):
    list_display = ("code", "kind", "unit")
    search_fields = ("pk",)


@admin.register(Balance)
class BalanceAdmin(ReadOnlyAdmin):
    list_display = ("account", "asset", "amount")
    list_select_related = ("account", "asset")
    search_fields = ("asset__id", "account__uuid")


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ("key", "kind", "posted_at", "reverses")
    list_select_related = ("reverses",)
    search_fields = ("key", "pk")


@admin.register(Posting)
class PostingAdmin(ReadOnlyAdmin):
    list_display = ("entry", "position", "asset", "source", "destination", "amount")
    list_select_related = ("entry", "asset", "source", "destination")
    search_fields = ("entry__key",)
