"""The plant whose technology and energy source a lot has: its own, unless it came from storage."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce

from certificates.models import Device

TECHNOLOGY, ENERGY_SOURCE = "technology_code", "energy_source_code"
OF_DEVICE = {"device": "gsrn", "area": "area__code", "country": "area__country"}
OF_SOURCE = {
    TECHNOLOGY: TECHNOLOGY,
    ENERGY_SOURCE: ENERGY_SOURCE,
    "technology": f"{TECHNOLOGY}__startswith",
}
NAMED = 1_000  # devices in one query


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


def of_plants(lot: str, asked: Mapping[str, Any]) -> Q:
    """The lots whose device, and the plant that generated them, are as asked (by parameter).

    The devices are looked up before: by their ids the database knows how many lots are of them,
    and so whether to begin with the lots or with what the holder has.
    """
    of_device = {path: asked[name] for name, path in OF_DEVICE.items() if name in asked}
    of_source = {path: asked[name] for name, path in OF_SOURCE.items() if name in asked}
    found = Q(**{f"{lot}__device__in": _ids(of_device)}) if of_device else Q()
    if of_source:
        own = Q(**{f"{lot}__generated_by__isnull": True, f"{lot}__device__in": _ids(of_source)})
        found &= own | Q(**{f"{lot}__generated_by__in": _ids(of_source)})
    return found


def _ids(condition: Mapping[str, Any]) -> Any:
    devices = Device.objects.filter(**condition).order_by().values_list("pk", flat=True)
    named = list(devices[: NAMED + 1])
    return named if len(named) <= NAMED else devices
