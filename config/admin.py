"""The auditor's door: Django's admin under the registry's name, to look and to check."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from ledger.models import AuditEvent
from ledger.services import audit, consistency

CHECKED = "consistency.checked"


class RegistryAdminSite(admin.AdminSite):
    """Read-only; its one act checks the book and leaves an audit event with the result."""

    site_header = "Registry: audit"
    site_title = "Registry audit"
    index_title = "What is in the registry"
    site_url = "/"
    enable_nav_sidebar = False

    def get_urls(self) -> list[URLPattern | URLResolver]:
        check = self.admin_view(require_POST(self.check_consistency))
        result = self.admin_view(self.consistency_result)
        return [
            path("consistency/", check, name="check_consistency"),
            path("consistency/<int:event_id>/", result, name="consistency_result"),
            *super().get_urls(),
        ]

    def check_consistency(self, request: HttpRequest) -> HttpResponse:
        """Check now; the result keeps its own address."""
        if not request.user.has_perm("ledger.view_entry"):
            raise PermissionDenied
        findings = consistency.check_everything()
        event = audit.record(
            actor=request.user,
            action=CHECKED,
            subject="book and outbox",
            now=timezone.now(),
            detail=consistency.as_report(findings),
        )
        return redirect("admin:consistency_result", event.pk)

    def consistency_result(self, request: HttpRequest, event_id: int) -> HttpResponse:
        """What a check found, as it was found."""
        if not request.user.has_perm("ledger.view_auditevent"):
            raise PermissionDenied
        event = get_object_or_404(AuditEvent, pk=event_id, action=CHECKED)
        context: dict[str, Any] = self.each_context(request) | {
            "title": "Consistency",
            "event": event,
            "report": event.detail,
        }
        return TemplateResponse(request, "admin/consistency.html", context)
