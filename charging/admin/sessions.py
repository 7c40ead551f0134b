"""What cars took, and the files that said so."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db import models

from charging.models import (
    Evse,
    Location,
    LocationAlias,
    Party,
    ProvenToken,
    Session,
    SessionClaim,
    SessionFile,
    SessionHour,
    SessionRow,
    TokenChallenge,
)
from ledger.admin.readonly import ReadOnlyAdmin


@admin.register(Party)
class PartyAdmin(ReadOnlyAdmin):
    list_display = ("country_code", "party_id", "organisation")
    list_select_related = ("organisation",)
    search_fields = ("organisation__slug",)


@admin.register(Location)
class LocationAdmin(ReadOnlyAdmin):
    list_display = ("name", "operator", "country", "area")
    list_select_related = ("operator", "area")
    list_filter = ("operator", "area")
    search_fields = ("operator__slug",)


@admin.register(LocationAlias)
class LocationAliasAdmin(ReadOnlyAdmin):
    list_display = ("name", "operator", "location")
    list_select_related = ("operator", "location")
    search_fields = ("operator__slug",)


@admin.register(Evse)
class EvseAdmin(ReadOnlyAdmin):
    list_display = ("uid", "location", "power_w")
    list_select_related = ("location",)
    search_fields = ("pk",)


@admin.register(SessionFile)
class SessionFileAdmin(ReadOnlyAdmin):
    list_display = ("name", "organisation", "profile", "status", "uploaded_at")
    list_select_related = ("organisation",)
    list_filter = ("status", "organisation")
    search_fields = ("key", "organisation__slug")


@admin.register(SessionRow)
class SessionRowAdmin(ReadOnlyAdmin):
    list_display = ("file", "line", "status", "reasons")
    list_select_related = ("file",)
    list_filter = ("status", "file")
    search_fields = ("pk",)


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    """Charges, without the key that unlinks them from their driver."""

    list_display = ("uid", "operator", "evse", "started_at", "ended_at", "energy_wh", "final")
    list_select_related = ("operator", "evse")
    list_filter = ("claimant",)
    search_fields = ("pk",)
    hidden_fields = ("disclosure_key", "token_hmac", "contract_hmac", "tariff_hmac")

    def trail(self, row: Any) -> Sequence[tuple[str, models.Model]]:
        receipt = row.receipts.order_by("-version").first()
        return [("Charge", row), *([("Receipt", receipt)] if receipt else [])]


@admin.register(SessionHour)
class SessionHourAdmin(ReadOnlyAdmin):
    list_display = ("session", "starts_at", "energy_wh", "method")
    list_select_related = ("session",)
    search_fields = ("pk", "starts_at")

    def trail(self, row: Any) -> Sequence[tuple[str, models.Model]]:
        return [("Charge", row.session), ("Hour of the charge", row)]


@admin.register(SessionClaim)
class SessionClaimAdmin(ReadOnlyAdmin):
    list_display = ("session", "driver", "claimed_at")
    list_select_related = ("session", "driver")
    search_fields = ("driver__email",)


@admin.register(TokenChallenge)
class TokenChallengeAdmin(ReadOnlyAdmin):
    """What drivers announced and what came of it, without the token."""

    list_display = ("driver", "operator", "opened_at", "status", "decided_at")
    list_select_related = ("driver", "operator")
    list_filter = ("status",)
    search_fields = ("driver__email",)
    hidden_fields = ("token_hmac",)


@admin.register(ProvenToken)
class ProvenTokenAdmin(ReadOnlyAdmin):
    list_display = ("driver", "operator", "proven_at", "contested_at")
    list_select_related = ("driver", "operator")
    search_fields = ("driver__email",)
    hidden_fields = ("token_hmac",)
