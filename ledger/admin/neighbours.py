"""The rows that point at a row, as short tables with links: the trail of a Wh."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.utils import (
    display_for_field,
    display_for_value,
    label_for_field,
    lookup_field,
)
from django.db import models
from django.http import HttpRequest
from django.urls import reverse

SHOWN = 10  # rows of a neighbouring table; its own list shows the rest


@dataclass(frozen=True, slots=True)
class Line:
    """One neighbouring row: the address of its page and its cells."""

    url: str
    cells: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Rows of one kind that point here, with the way to all of them where there are more."""

    title: str
    headings: Sequence[str]
    lines: Sequence[Line]
    more_url: str


def neighbours(site: AdminSite, request: HttpRequest, row: models.Model) -> list[Neighbours]:
    """One table for each kind of row that points at this one and may be seen."""
    return list(_tables(site, request, row))


def page_url(row: models.Model) -> str:
    """The address of a row's page in the admin."""
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def _tables(site: AdminSite, request: HttpRequest, row: models.Model) -> Iterator[Neighbours]:
    for relation in row._meta.related_objects:
        model, column = relation.related_model, relation.field.name
        door = site._registry.get(model)  # type: ignore[arg-type]
        if door is None or not door.has_view_permission(request):
            continue
        rows = sorted(_rows(door, request, column, row), key=lambda r: r.pk, reverse=True)
        if not rows:
            continue
        names = [name for name in door.get_list_display(request) if name != column]
        yield Neighbours(
            title=str(door.opts.verbose_name if len(rows) == 1 else door.opts.verbose_name_plural),
            headings=[str(label_for_field(n, door.model, model_admin=door)) for n in names],
            lines=[Line(page_url(r), _cells(r, names, door)) for r in rows[:SHOWN]],
            more_url=_list_url(door, column, row) if len(rows) > SHOWN else "",
        )


def _rows(
    door: "ModelAdmin[Any]", request: HttpRequest, column: str, row: models.Model
) -> "models.QuerySet[Any]":
    # In no order, so that the column's index finds them: down the primary key, all that is
    # newer than the last of them would be looked through.
    found = door.get_queryset(request).order_by()
    pointing = getattr(door, "pointing_at", None)
    found = pointing(found, column, row) if pointing else found.filter(**{column: row})
    if door.list_select_related:
        found = found.select_related(*door.list_select_related)  # type: ignore[misc]
    return found[: SHOWN + 1]


def _cells(row: models.Model, names: Sequence[Any], door: "ModelAdmin[Any]") -> list[Any]:
    cells = []
    for name in names:
        field, _, value = lookup_field(name, row, door)
        if field is None:
            cells.append(display_for_value(value, "-"))
        elif isinstance(field, models.ForeignKey):
            cells.append(getattr(row, field.name) or "-")
        else:
            cells.append(display_for_field(value, field, "-"))
    return cells


def _list_url(door: "ModelAdmin[Any]", column: str, row: models.Model) -> str:
    meta = door.opts
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    return f"{address}?{column}__{row._meta.pk.name}__exact={row.pk}"  # type: ignore[union-attr]
