"""The auditor sees everything and changes nothing here; every row leads to its neighbours."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from ledger.admin.list_files import list_file
from ledger.admin.neighbours import neighbours
from ledger.admin.paging import BoundedPaginator
from ledger.admin.search import search

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin


class ReadOnlyAdmin(Base):
    """Lists and pages without a form, in a bounded number of bounded queries.

    `search_fields` are compared exactly and must be indexed; lists stand in the order of
    their primary key and cannot be sorted by a column that would have to be scanned.
    """

    actions: Any = None
    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 50
    sortable_by = ()
    ordering = ("-pk",)
    change_form_template = "admin/trail_change_form.html"
    hidden_fields: ClassVar[tuple[str, ...]] = ()

    def get_urls(self) -> list[URLPattern]:
        address = self.admin_site.admin_view(require_safe(self.list_file))
        name = f"{self.model._meta.app_label}_{self.model._meta.model_name}_as_file"
        return [path("as-file/<slug:kind>/", address, name=name), *super().get_urls()]

    def list_file(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """The list, as it is searched and filtered, as CSV, XLSX, JSON or NDJSON."""
        return list_file(self, request, kind)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """Rows whose searchable columns equal the term; never a duplicate."""
        return search(queryset, tuple(self.get_search_fields(request)), search_term.strip()), False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Every column in the order of the model, binary ones in hexadecimal."""
        return [
            hexadecimal(field) if isinstance(field, models.BinaryField) else field.name
            for field in self.model._meta.concrete_fields
            if field.name not in self.hidden_fields
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One row, and the rows that point at it."""
        row = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if row is not None:
            context["neighbours"] = neighbours(self.admin_site, request, row)
            context["trail"] = self.trail(row)
        return super().change_view(request, object_id, form_url, context)

    def pointing_at(
        self, rows: "models.QuerySet[Any]", column: str, row: models.Model
    ) -> "models.QuerySet[Any]":
        """Those of the rows that point at another by a column, found by an index."""
        return rows.filter(**{column: row})

    def trail(self, row: Any) -> Sequence[tuple[str, models.Model]]:
        """The rows a Wh passed through on its way here and from here, oldest first."""
        return []


def hexadecimal(field: "models.Field[Any, Any]") -> Callable[[Any], str]:
    """A readonly column that shows bytes as 0x...; long ones cut, with their length."""

    def show(row: Any) -> str:
        value = bytes(getattr(row, field.attname) or b"")
        if len(value) > 64:
            return f"0x{value[:32].hex()}... ({len(value)} bytes)"
        return f"0x{value.hex()}" if value else "-"

    show.__name__ = field.name
    show.short_description = field.verbose_name  # type: ignore[attr-defined]
    return show
