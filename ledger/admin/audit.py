"""Who did what, when and why."""

from django.contrib import admin

from ledger.admin.readonly import ReadOnlyAdmin
from ledger.models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "action", "subject")
    search_fields = ("action", "subject")
