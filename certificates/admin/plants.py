"""Devices, agreements, areas and the registers of factors."""

from django.contrib import admin
from django.http import HttpRequest

from certificates.admin import applications
from certificates.models import Agreement, Area, Device, EmissionFactor, GridIntensity
from ledger.admin.readonly import ReadOnlyAdmin


@admin.register(Device)
class DeviceAdmin(ReadOnlyAdmin):
    list_display = ("name", "gsrn", "organisation", "area", "capacity_w", "status")
    list_select_related = ("organisation", "area")
    list_filter = ("status", "organisation", "area")
    search_fields = ("gsrn",)
    actions = (applications.approve, applications.send_back)
    action_form = applications.DecisionForm

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return applications.may_decide(request)


@admin.register(Agreement)
class AgreementAdmin(ReadOnlyAdmin):
    list_display = (
        "device",
        "to",
        "share_ppm",
        "wh_per_hour",
        "starts_at",
        "ends_at",
        "ended_from",
    )
    list_select_related = ("device", "to")
    search_fields = ("device__gsrn", "to__slug")


@admin.register(Area)
class AreaAdmin(ReadOnlyAdmin):
    list_display = ("name", "scheme", "code", "country", "timezone", "matching_minutes")
    list_filter = ("scheme",)


@admin.register(GridIntensity)
class GridIntensityAdmin(ReadOnlyAdmin):
    list_display = (
        "area",
        "starts_at",
        "kind",
        "emissions_ug_per_wh",
        "gas",
        "scope",
        "estimated",
        "source",
        "version",
    )
    list_select_related = ("area",)
    list_filter = ("area", "kind", "scope")


@admin.register(EmissionFactor)
class EmissionFactorAdmin(ReadOnlyAdmin):
    list_display = (
        "technology_code",
        "energy_source_code",
        "version",
        "emissions_ug_per_wh",
        "scope",
        "source",
        "year",
    )
    list_filter = ("scope",)
