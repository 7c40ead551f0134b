"""The papers of plants, for auditors and registrars to read."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from certificates.errors import DocumentRefused
from certificates.models import PlantDocument
from certificates.services.plants import documents as plant_documents
from ledger.admin.readonly import ReadOnlyAdmin


@admin.register(PlantDocument)
class PlantDocumentAdmin(ReadOnlyAdmin):
    list_display = ("name", "device", "kind", "uploaded_at", "withdrawn_at", "file")
    list_select_related = ("device",)
    list_filter = ("kind",)
    search_fields = ("pk", "device__gsrn")
    hidden_fields = ("stored_as",)

    @admin.display(description="File")
    def file(self, row: PlantDocument) -> str:
        """The way to the paper itself."""
        address = reverse("admin:certificates_plantdocument_download", args=[row.pk])
        return format_html('<a href="{}">Download</a>', address)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_fields(request, obj), "file"]

    def get_urls(self) -> list[URLPattern]:
        download = self.admin_site.admin_view(require_safe(self.download))
        name = "certificates_plantdocument_download"
        return [path("<int:pk>/download/", download, name=name), *super().get_urls()]

    def download(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The paper; that it was read is noted."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = PlantDocument.objects.select_related("device").filter(pk=pk).first()
        if row is None:
            raise Http404
        try:
            content = plant_documents.read(document=row, actor=request.user, now=timezone.now())
        except DocumentRefused as error:
            raise Http404(str(error)) from error
        return HttpResponse(content, headers=plant_documents.download_headers(row))
