"""Exact search: a number or name is looked up in indexed columns only."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet

MOST = 100  # rows behind a foreign key that one term may name
FEW = 20_000  # found rows that are named by number


def exact_match(model: type[models.Model], paths: tuple[str, ...], term: str) -> Q:
    """Any of the columns equal to the term, read as the column's type.

    A path may follow one foreign key (`device__gsrn`): its rows are looked up first, so
    that the list itself is read by its own indexes only. Hexadecimal text, with or without
    0x, finds binary columns. Columns that cannot hold the term are left out.
    """
    found = Q(pk__in=[])
    for path in paths:
        parent, _, column = path.rpartition("__")
        owner = model._meta.get_field(parent).related_model if parent else model
        value = _as_value(_field(owner, column), term)  # type: ignore[arg-type]
        if value is None:
            continue
        if parent:
            rows = owner._default_manager.filter(**{column: value})  # type: ignore[union-attr]
            found |= Q(**{f"{parent}__in": list(rows.values_list("pk", flat=True)[:MOST])})
        else:
            found |= Q(**{column: value})
    return found


def search(rows: "QuerySet[Any]", paths: tuple[str, ...], term: str) -> "QuerySet[Any]":
    """The rows that carry exactly this number or name."""
    if not term:
        return rows
    found = rows.filter(exact_match(rows.model, paths, term))
    # A few are found by their own index and then put in order. Asked for both at once, the
    # database may go down the list instead, through all that is newer than the first of them.
    few = list(found.order_by().values_list("pk", flat=True)[: FEW + 1])
    return rows.filter(pk__in=few) if len(few) <= FEW else found


def _field(model: type[models.Model], column: str) -> "models.Field[Any, Any]":
    name = model._meta.pk.name if column == "pk" else column  # type: ignore[union-attr]
    return model._meta.get_field(name)  # type: ignore[return-value]


def _as_value(field: "models.Field[Any, Any]", term: str) -> Any:
    """The term as the column's type, or None where the column cannot hold it."""
    if isinstance(field, models.BinaryField):
        try:
            return bytes.fromhex(term.removeprefix("0x"))
        except ValueError:
            return None
    try:
        value = field.to_python(term)
        field.run_validators(value)
    except ValidationError:
        return None
    return value
