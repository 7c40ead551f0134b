"""The keys of charging meters, the records they signed, and what contradicts what."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from certificates.models import Organisation, Role
from certificates.permissions import is_auditor, is_registrar
from charging.domain.meters.curves import CURVES
from charging.errors import ChargingError, MeterKeyRefused
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


class MeterKeyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A key to be registered, alone or in place of an older one; the service has the last word."""

    curve = forms.ChoiceField(
        required=False,
        choices=[("", "as the key says"), *((name, name) for name in CURVES)],
        help_text="Only a bare point with one coordinate does not say it.",
    )
    old_key = forms.CharField(
        required=False,
        max_length=64,
        label="Replaces",
        help_text="Beginning of the fingerprint of the meter's key that this one replaces: its "
        "window then ends where the new one begins.",
    )

    class Meta:
        model = MeterKey
        fields = ("owner", "meter", "public_key", "curve", "valid_from", "valid_until")

    def clean(self) -> dict[str, Any]:
        """What the service would refuse stands above the fields: it is asked, and taken back."""
        given: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                with transaction.atomic():
                    self.keep(given, actor="form", now=timezone.now())
                    transaction.set_rollback(True)
            except ChargingError as error:
                raise ValidationError(str(error)) from error
        return given

    def keep(self, given: dict[str, Any], *, actor: object, now: datetime) -> MeterKey:
        """Register or rotate. Raises: MeterKeyRefused, UnreadableKey, UnsupportedKey."""
        owner, meter = given["owner"], given["meter"]
        window = given["valid_from"], given["valid_until"]
        key = meter_keys.NewKey(meter, given["public_key"], given["curve"], *window)
        if not given["old_key"]:
            return meter_keys.register(owner=owner, key=key, actor=actor, now=now)
        old = meter_keys.key_named(owner=owner, meter=meter, fingerprint=given["old_key"])
        return meter_keys.rotate(old=old, key=key, actor=actor, now=now)


@admin.register(MeterKey)
class MeterKeyAdmin(ReadOnlyAdmin):
    """Registrars register and rotate keys, auditors revoke them; nobody changes one."""

    list_display = ("meter", "owner", "curve", "valid_from", "valid_until", "revoked_for")
    list_select_related = ("owner",)
    list_filter = ("owner",)
    search_fields = ("pk",)
    actions = (revoke,)
    action_form = RevocationForm
    form = MeterKeyForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_registrar(request.user)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return (*MeterKeyForm.Meta.fields, "old_key")
        return super().get_fields(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_readonly_fields(request, obj) if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Charging companies alone have meters."""
        companies = Organisation.objects.filter(roles__role=Role.CHARGING_COMPANY)
        return super().formfield_for_foreignkey(
            db_field, request, **kwargs | {"queryset": companies.order_by("name")}
        )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The service keeps it, with an audit event."""
        row = form.keep(form.cleaned_data, actor=request.user, now=timezone.now())
        obj.pk, obj.fingerprint = row.pk, row.fingerprint

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
