"""The keys of charging meters, the records they signed, and what contradicts what."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest

from certificates.permissions import is_auditor
from charging.errors import MeterKeyRefused
from charging.models import (
    CdrRating,
    ChargeFinding,
    CoupledArea,
    DeviceSite,
    MeterKey,
    SessionDraft,
    SignedRecord,
)
from charging.services import meter_keys
from ledger.admin.deciding import decide
from ledger.admin.readonly import ReadOnlyAdmin


class RevocationForm(ActionForm):
    """Why a key is revoked."""

    revoked_for = forms.ChoiceField(choices=MeterKey.Revoked, label="Because it was")


@admin.action(description="Revoke keys from now on", permissions=["review"])
def revoke(door: Any, request: HttpRequest, queryset: QuerySet[MeterKey]) -> None:
    """What they sign from now on proves nothing."""
    revoked_for = request.POST.get("revoked_for", "")

    def act(row: MeterKey, *, now: datetime, actor: object) -> None:
        meter_keys.revoke(key=row, revoked_for=revoked_for, revoked_at=now, actor=actor, now=now)

    decide(door, request, queryset.order_by("pk"), act, MeterKeyRefused)


@admin.register(MeterKey)
class MeterKeyAdmin(ReadOnlyAdmin):
    list_display = ("meter", "owner", "curve", "valid_from", "valid_until", "revoked_for")
    list_select_related = ("owner",)
    list_filter = ("owner",)
    search_fields = ("pk",)
    actions = (revoke,)
    action_form = RevocationForm

    def has_review_permission(self, request: HttpRequest) -> bool:
        """Auditors alone revoke."""
        return is_auditor(request.user)


@admin.register(SignedRecord)
class SignedRecordAdmin(ReadOnlyAdmin):
    list_display = ("digest", "format", "session", "seen_at")
    list_select_related = ("session",)
    search_fields = ("digest",)


@admin.register(ChargeFinding)
class ChargeFindingAdmin(ReadOnlyAdmin):
    list_display = ("session", "code", "sentence", "found_at", "settled_at")
    list_select_related = ("session",)
    search_fields = ("pk",)


@admin.register(CdrRating)
class CdrRatingAdmin(ReadOnlyAdmin):
    list_display = ("cdr", "currency", "cost_excl", "cost_incl", "rated_at")
    list_select_related = ("cdr",)
    search_fields = ("pk",)


@admin.register(SessionDraft)
class SessionDraftAdmin(ReadOnlyAdmin):
    """Drafts without their content, which names drivers."""

    list_display = ("name", "organisation", "uploaded_at")
    list_select_related = ("organisation",)
    search_fields = ("pk",)
    hidden_fields = ("body",)


@admin.register(CoupledArea)
class CoupledAreaAdmin(ReadOnlyAdmin):
    list_display = ("generation", "charge", "starts_at", "ends_at")
    list_select_related = ("generation", "charge")
    search_fields = ("pk",)


@admin.register(DeviceSite)
class DeviceSiteAdmin(ReadOnlyAdmin):
    list_display = ("device", "location", "starts_at", "ends_at")
    list_select_related = ("device", "location")
    search_fields = ("pk",)
