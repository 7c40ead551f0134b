"""Organisations, the people who act for them, and their keys."""

from django.contrib import admin

from certificates.models import ApiKey, Membership, Organisation, OrganisationRole, User
from ledger.admin.readonly import ReadOnlyAdmin


@admin.register(Organisation)
class OrganisationAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug", "account", "registered_at")
    list_select_related = ("account",)
    list_filter = ("roles__role",)
    search_fields = ("slug", "account__uuid")


@admin.register(OrganisationRole)
class OrganisationRoleAdmin(ReadOnlyAdmin):
    list_display = ("organisation", "role")
    list_select_related = ("organisation",)
    list_filter = ("role",)
    search_fields = ("organisation__slug",)


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("user", "organisation", "role")
    list_select_related = ("user", "organisation")
    list_filter = ("role",)
    search_fields = ("user__email", "organisation__slug")


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """People, without their password hashes."""

    list_display = ("email", "is_active", "is_staff", "last_login")
    list_filter = ("is_staff", "is_active")
    search_fields = ("email",)
    hidden_fields = ("password",)


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Keys without their secrets."""

    list_display = ("key_id", "organisation", "label", "scopes", "last_used_at", "revoked_at")
    list_select_related = ("organisation",)
    search_fields = ("key_id", "organisation__slug")
    hidden_fields = ("secret_hash",)
