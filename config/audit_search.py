"""The auditor's one search box: any number, in every list that may be seen."""

from dataclasses import dataclass

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from ledger.admin.neighbours import page_url
from ledger.admin.readonly import ReadOnlyAdmin
from ledger.admin.search import search

SHOWN = 5  # rows of one kind


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of one kind that carry what was searched for, as address and words."""

    title: str
    rows: list[tuple[str, str]]


def rows_named(site: AdminSite, request: HttpRequest, term: str) -> list[Found]:
    """Rows whose own indexed columns equal the term, by kind."""
    found = []
    for door in site._registry.values():
        if not isinstance(door, ReadOnlyAdmin) or not door.has_view_permission(request):
            continue
        names = tuple(name for name in door.get_search_fields(request) if "__" not in name)
        rows = search(door.get_queryset(request), names, term)[:SHOWN]
        links = [(page_url(row), str(row)) for row in rows]
        if links:
            found.append(Found(str(door.opts.verbose_name_plural), links))
    return found
