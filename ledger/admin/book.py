"""The book: accounts, assets, balances, entries and their postings."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet

from ledger.admin.readonly import ReadOnlyAdmin
from ledger.models import Account, Asset, Balance, Entry, Posting

LATEST = 500  # assets of an account by which its postings are looked for


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

    def pointing_at(self, rows: QuerySet[Any], column: str, row: Model) -> QuerySet[Any]:
        """By account no index finds them, but by its assets: those that it came to have last."""
        found = super().pointing_at(rows, column, row)
        if not isinstance(row, Account):
            return found
        assets = Balance.objects.filter(account=row).order_by("-asset")
        return found.filter(asset__in=list(assets.values_list("asset", flat=True)[:LATEST]))
