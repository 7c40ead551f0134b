"""Other systems that send charges, what they sent, and who may claim what."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db import models

from charging.models import (
    Cdr,
    ClaimDelegation,
    Connection,
    ConnectionMessage,
    OcpiObject,
    SupersededAllocation,
)
from ledger.admin.readonly import ReadOnlyAdmin


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    """Connections, without the hash of their token."""

    list_display = ("label", "organisation", "status", "version", "last_seen_at")
    list_select_related = ("organisation",)
    list_filter = ("status", "organisation")
    search_fields = ("organisation__slug",)
    hidden_fields = ("token_hash",)


@admin.register(ConnectionMessage)
class ConnectionMessageAdmin(ReadOnlyAdmin):
    """What was taken and refused, without the sealed bodies, which name drivers."""

    list_display = ("at", "connection", "method", "module", "subject", "status_code", "kind")
    list_select_related = ("connection",)
    list_filter = ("is_alarm",)
    search_fields = ("pk",)
    hidden_fields = ("body",)


@admin.register(Cdr)
class CdrAdmin(ReadOnlyAdmin):
    list_display = ("uid", "party", "claimant", "status", "hold", "energy_wh", "received_at")
    list_select_related = ("party", "claimant")
    list_filter = ("status", "claimant")
    search_fields = ("pk",)
    hidden_fields = ("body", "fingerprint")

    def trail(self, row: Any) -> Sequence[tuple[str, models.Model]]:
        return [("CDR", row), *([("Charge", row.session)] if row.session else [])]


@admin.register(OcpiObject)
class OcpiObjectAdmin(ReadOnlyAdmin):
    list_display = ("module", "party", "uid", "version", "last_updated", "removed_at")
    list_select_related = ("party",)
    list_filter = ("module",)
    search_fields = ("pk",)
    hidden_fields = ("body", "fingerprint")


@admin.register(ClaimDelegation)
class ClaimDelegationAdmin(ReadOnlyAdmin):
    list_display = ("operator", "provider", "contract_id", "valid_from", "valid_to")
    list_select_related = ("operator", "provider")
    search_fields = ("operator__slug", "provider__slug")


@admin.register(SupersededAllocation)
class SupersededAllocationAdmin(ReadOnlyAdmin):
    list_display = ("allocation", "reason", "receipt", "superseded_at")
    list_select_related = ("allocation", "receipt")
    search_fields = ("pk",)

    def trail(self, row: Any) -> Sequence[tuple[str, models.Model]]:
        return [
            ("Charge", row.receipt.session),
            ("Allocation", row.allocation),
            ("Superseded", row),
            ("Receipt", row.receipt),
        ]
