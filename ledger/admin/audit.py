"""Who did what, when and why."""

from django.contrib import admin

from ledger.admin.readonly import ReadOnlyAdmin
from ledger.models import AuditEvent, ConsistencyRun


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "action", "subject")
    search_fields = ("action", "subject")


@admin.register(ConsistencyRun)
class ConsistencyRunAdmin(ReadOnlyAdmin):
    list_display = ("asked_at", "asked_by", "status", "step", "event")
    list_select_related = ("event",)
    search_fields = ("pk",)
