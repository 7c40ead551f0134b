"""The plant whose technology and energy source a lot has: its own, unless it came from storage."""

from django.db.models import Q
from django.db.models.functions import Coalesce

TECHNOLOGY, ENERGY_SOURCE = "technology_code", "energy_source_code"


def of_source(lot: str, name: str) -> Coalesce:
    """A column of the plant that generated the Wh of the lot at a path ("" for lots themselves)."""
    path = f"{lot}__" if lot else ""
    return Coalesce(f"{path}generated_by__{name}", f"{path}device__{name}")


def source_is(lot: str, **condition: object) -> Q:
    """A condition on that plant, such as `energy_source_code__startswith="F01"`.

    Two conditions on columns instead of one on an expression: indices still find them.
    """
    path = f"{lot}__" if lot else ""
    own = {f"{path}device__{name}": value for name, value in condition.items()}
    other = {f"{path}generated_by__{name}": value for name, value in condition.items()}
    return Q(**{f"{path}generated_by__isnull": True}, **own) | Q(**other)
