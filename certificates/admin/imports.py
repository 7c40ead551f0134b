"""Certificates of other registries: the registrar's list, and the auditor's decisions."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from certificates.admin.energy import lot_trail
from certificates.errors import CertificatesError, ImportRefused
from certificates.models import CertificateImport, ExternalRange, ExternalRegistry
from certificates.permissions import is_auditor, is_registrar
from certificates.services.imports import imports as certificate_imports
from certificates.services.imports.registries import check_registry, register_registry
from certificates.tasks import bring_in_certificates
from ledger.admin.deciding import decide
from ledger.admin.readonly import ReadOnlyAdmin
from ledger.errors import LedgerError
from ledger.services.asking import ask


class RegistryForm(forms.ModelForm):  # type: ignore[type-arg]
    """A registry to be added; the service has the last word."""

    class Meta:
        model = ExternalRegistry
        fields = ("code", "name", "country")

    def clean(self) -> dict[str, Any]:
        """What the service would refuse stands beside the fields."""
        given: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                check_registry(**given)
            except ImportRefused as error:
                raise ValidationError(str(error)) from error
        return given


@admin.register(ExternalRegistry)
class ExternalRegistryAdmin(ReadOnlyAdmin):
    """Registrars add registries; nobody changes one."""

    list_display = ("name", "code", "country", "registered_at")
    search_fields = ("code",)
    form = RegistryForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_registrar(request.user)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fields(request, obj) if obj else RegistryForm.Meta.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_readonly_fields(request, obj) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The service keeps it, with an audit event."""
        obj.pk = register_registry(**form.cleaned_data, now=timezone.now(), actor=request.user).pk


class DecisionForm(ActionForm):
    """The choice of what to do, and what the owner reads."""

    reason = forms.CharField(
        max_length=certificate_imports.LONGEST_REASON,
        required=False,
        label="Reason (the owner reads it)",
    )


@admin.action(description="Accept imports: issue their certificates", permissions=["decide"])
def accept(model_admin: Any, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
    """The other registry let them go: the worker brings them in, each serial once."""
    for row in _decide(model_admin, request, queryset, certificate_imports.accept, {}):
        transaction.on_commit(partial(ask, bring_in_certificates.si(row.pk)), robust=True)


@admin.action(description="Refuse imports", permissions=["decide"])
def refuse(model_admin: Any, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
    """Nothing of them comes in; their owners read why."""
    reason = {"reason": request.POST.get("reason", "")}
    _decide(model_admin, request, queryset, certificate_imports.refuse, reason)


@admin.action(description="Withdraw imports of which nothing moved", permissions=["decide"])
def withdraw(model_admin: Any, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
    """Wrong imports are taken back; their serials may come in again."""
    reason = {"reason": request.POST.get("reason", "")}
    _decide(model_admin, request, queryset, certificate_imports.withdraw, reason)


@admin.register(CertificateImport)
class CertificateImportAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "registry",
        "device",
        "status",
        "progress",
        "proof",
        "submitted_by",
        "submitted_at",
    )
    list_select_related = ("registry", "device")
    list_filter = ("status", "registry")
    search_fields = ("pk", "key", "device__gsrn")
    hidden_fields = ("stored_as",)
    actions = (accept, refuse, withdraw)
    action_form = DecisionForm

    change_form_template = "admin/import_change_form.html"

    @admin.display(description="Progress")
    def progress(self, row: CertificateImport) -> str:
        """How far the worker is, or why it brought nothing in."""
        if row.status != CertificateImport.Status.ACCEPTED:
            return row.failure
        if row.lines_done < row.lines:
            return f"{row.lines_done:,} of {row.lines:,} lines are read"
        return f"All {row.lines:,} lines are read; their certificates are being written"

    @admin.display(description="File")
    def file(self, row: CertificateImport) -> str:
        """The way to what was handed in."""
        address = reverse("admin:certificates_certificateimport_file", args=[row.pk])
        return format_html('<a href="{}">Download</a>', address)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_fields(request, obj), "progress", "file"]

    def get_urls(self) -> list[URLPattern]:
        download = self.admin_site.admin_view(require_safe(self.download))
        name = "certificates_certificateimport_file"
        return [path("<int:pk>/file/", download, name=name), *super().get_urls()]

    def download(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What was handed in, byte for byte, for comparison."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = get_object_or_404(CertificateImport, pk=pk)
        try:
            content = certificate_imports.content_of(row)
        except ImportRefused as error:
            raise Http404(str(error)) from error
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f'attachment; filename="import-{row.pk}.csv"',
            "X-Content-Type-Options": "nosniff",
        }
        return HttpResponse(content, headers=headers)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return is_auditor(request.user)


@admin.register(ExternalRange)
class ExternalRangeAdmin(ReadOnlyAdmin):
    list_display = ("issuance_id", "registry", "first_serial", "last_serial", "brought_in", "lot")
    list_select_related = ("registry", "brought_in", "lot")
    list_filter = ("registry",)
    search_fields = ("pk", "lot__code")

    def trail(self, row: Any) -> Sequence[tuple[str, models.Model]]:
        return [("Import", row.brought_in), ("Serials", row), *lot_trail(row.lot)]


def _decide(
    door: Any,
    request: HttpRequest,
    queryset: "QuerySet[CertificateImport]",
    event: Callable[..., Any],
    more: dict[str, Any],
) -> list[CertificateImport]:
    def act(row: CertificateImport, **by: Any) -> None:
        event(brought=row, **by, **more)

    return decide(door, request, queryset.order_by("pk"), act, (CertificatesError, LedgerError))
