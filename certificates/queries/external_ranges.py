"""What was brought in from other registries: serials that are taken, and what stands for them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef, QuerySet

from certificates.domain.external.line import ExternalLine
from certificates.domain.external.origin import ExternalOrigin
from certificates.domain.external.provenance import EFFICIENCY, IS_CONVERTED, IS_STORAGE
from certificates.domain.external.serials import SerialRange, padded
from certificates.models import (
    CertificateImport,
    Device,
    ExternalRange,
    ExternalRegistry,
    Lot,
)
from ledger.domain.token_id import lot_of

IMPORTED = CertificateImport.Status.IMPORTED
LOOK_UP = 500  # values in one query
_CODE = re.compile(r"[0-9a-f]{40}")
_GSRN = re.compile(r"(?<!\d)\d{18}(?!\d)")


def taken(registry: ExternalRegistry, lines: Sequence[ExternalLine]) -> list[SerialRange]:
    """Ranges of a registry that were brought in and reach into the lines' serials.

    What was withdrawn is free again.
    """
    if not lines:
        return []
    rows = ExternalRange.objects.filter(
        registry=registry,
        brought_in__status=IMPORTED,
        first_serial__lte=padded(max(line.last_serial for line in lines)),
        last_serial__gte=padded(min(line.first_serial for line in lines)),
    )
    return [
        SerialRange(int(first), int(last), f"line {line} of import {brought} ({name})")
        for first, last, line, brought, name in rows.values_list(
            "first_serial", "last_serial", "line", "brought_in", "brought_in__name"
        ).iterator()
    ]


def own_numbers(lines: Iterable[ExternalLine]) -> set[str]:
    """The lines' numbers, in lower case, that name a certificate or a plant of this registry."""
    lots: dict[str, set[str]] = defaultdict(set)
    plants: dict[str, set[str]] = defaultdict(set)
    for number in {line.issuance_id.lower() for line in lines}:
        if _CODE.fullmatch(number):
            lots[f"{lot_of(int(number, 16)):040x}"].add(number)
        for gsrn in _GSRN.findall(number):
            plants[gsrn].add(number)
    here = Device.objects.exclude(kind=Device.Kind.EXTERNAL)
    own = [lots[code] for code in _known(Lot.objects.all(), "code", lots)]
    own += [plants[gsrn] for gsrn in _known(here, "gsrn", plants)]
    return set().union(*own)


def _known(rows: "QuerySet[Any]", name: str, values: Iterable[str]) -> Iterator[str]:
    wanted = sorted(values)
    for begin in range(0, len(wanted), LOOK_UP):
        some = rows.filter(**{f"{name}__in": wanted[begin : begin + LOOK_UP]})
        yield from some.values_list(name, flat=True)


def last_sequences(
    device: Device, first: datetime, last: datetime
) -> dict[tuple[datetime, int], int]:
    """The sequence of the latest lot by (start, minutes), for starts in [first, last]."""
    had = Lot.objects.filter(device=device, starts_at__gte=first, starts_at__lte=last)
    rows = had.values_list("starts_at", "length_minutes").annotate(last=Max("sequence"))
    return {(start, minutes): sequence for start, minutes, sequence in rows.order_by()}


def certified_here(device: Device, first: datetime, last: datetime) -> list[str]:
    """Plants of the same owner, source and area that got certificates here for starts within.

    One plant under two numbers would be certified twice: an auditor looks.
    """
    alike = Device.objects.filter(
        organisation=device.organisation_id,
        kind=Device.Kind.PRODUCTION,
        energy_source_code=device.energy_source_code,
        area=device.area_id,
    )
    lots = Lot.objects.standing().filter(
        device=OuterRef("pk"), starts_at__gte=first, starts_at__lte=last
    )
    return [f"{one.name} ({one.gsrn})" for one in alike.filter(Exists(lots)).order_by("name")]


def origins(lots: Iterable[int]) -> dict[int, ExternalOrigin]:
    """The bundle behind each lot that was brought in, by the lot's id."""
    found = {}
    wanted = sorted(set(lots))
    for begin in range(0, len(wanted), LOOK_UP):
        rows = ExternalRange.objects.filter(lot__in=wanted[begin : begin + LOOK_UP])
        for row in rows.select_related("registry"):
            found[row.lot_id] = _origin(row)
    return found


def origins_of_reference(reference: str) -> dict[str, ExternalOrigin]:
    """The bundles behind the lots that were retired under a reference, by the lot's code."""
    rows = ExternalRange.objects.filter(lot__retirements__reference=reference).distinct()
    return {row.lot.code: _origin(row) for row in rows.select_related("registry", "lot")}


def _origin(row: ExternalRange) -> ExternalOrigin:
    return ExternalOrigin(
        registry=row.registry.name,
        registry_country=row.registry.country,
        issuance_id=row.facts.get("issuance_id", row.issuance_id),
        first_serial=str(int(row.first_serial)),
        last_serial=str(int(row.last_serial)),
        issuing_body=row.facts.get("issuing_body", ""),
        expires_at=row.facts.get("expires_at", ""),
        from_storage=IS_STORAGE in row.facts,
        storage_efficiency=row.facts.get(EFFICIENCY, ""),
        after_conversion=IS_CONVERTED in row.facts,
    )
