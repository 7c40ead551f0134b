"""The auditor's door: Django's admin under the registry's name."""

from django.contrib import admin


class RegistryAdminSite(admin.AdminSite):
    """Read-only by default; acts are services that leave an audit event."""

    site_header = "Registry: audit"
    site_title = "Registry audit"
    index_title = "What is in the registry"
    site_url = "/"
    enable_nav_sidebar = False
