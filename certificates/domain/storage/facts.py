"""What a storage device must state before it is registered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from certificates.domain import gsrn
from certificates.domain.device_facts import DeviceFacts
from certificates.domain.fact_fields import day_of, degrees_of, text_of, whole_of
from certificates.domain.storage.terms import LONGEST_MONTHS, METHODS
from certificates.errors import InvalidDevice

REQUIRED = (
    "name",
    "organisation",
    "capacity_w",
    "capacity_wh",
    "method",
    "loss_months",
    "area",
    "commissioned_on",
)
STORAGE = "storage"  # the kind of device
OPTIONAL = ("gsrn", "latitude", "longitude", "starts_on", "opening_wh")


@dataclass(frozen=True, slots=True)
class StorageFacts:
    """Storage as its owner states it; everything beside `device` is fixed from then on.

    `device` has no technology and no energy source. The first loss interval begins at
    `starts_on`, 00:00 UTC, when `opening_wh` of unknown origin were stored.
    """

    device: DeviceFacts
    capacity_wh: int
    method: str
    loss_months: int
    starts_on: date
    opening_wh: int = 0


def read_storage_facts(document: Mapping[str, Any]) -> StorageFacts:
    """Facts from a JSON object. Raises: InvalidDevice, InvalidGsrn."""
    for name in REQUIRED:
        if document.get(name) in (None, ""):
            raise InvalidDevice(f"{name} is missing.", field=name)
    unknown = sorted(set(document) - {*REQUIRED, *OPTIONAL})
    if unknown:
        raise InvalidDevice(f"{unknown[0]} is no fact about storage.", field=unknown[0])
    number = text_of(document, "gsrn")
    commissioned_on = day_of(document, "commissioned_on")
    device = DeviceFacts(
        name=text_of(document, "name"),
        organisation=text_of(document, "organisation"),
        technology_code="",
        energy_source_code="",
        kind=STORAGE,
        capacity_w=whole_of(document, "capacity_w", "watts"),
        area=text_of(document, "area"),
        commissioned_on=commissioned_on,
        gsrn=gsrn.check(number) if number else "",
        latitude=degrees_of(document, "latitude", 90),
        longitude=degrees_of(document, "longitude", 180),
    )
    facts = StorageFacts(
        device=device,
        capacity_wh=whole_of(document, "capacity_wh", "Wh"),
        method=text_of(document, "method"),
        loss_months=whole_of(document, "loss_months", "months"),
        starts_on=day_of(document, "starts_on") if document.get("starts_on") else commissioned_on,
        opening_wh=whole_of({"opening_wh": 0, **document}, "opening_wh", "Wh", least=0),
    )
    _check(facts)
    return facts


def _check(facts: StorageFacts) -> None:
    if facts.method not in METHODS:
        raise InvalidDevice(f"method is one of {', '.join(METHODS)}.", field="method")
    if facts.loss_months > LONGEST_MONTHS:
        words = f"Losses are settled at least every {LONGEST_MONTHS} months."
        raise InvalidDevice(words, field="loss_months")
    if facts.opening_wh > facts.capacity_wh:
        words = f"More was stored ({facts.opening_wh} Wh) than fits ({facts.capacity_wh} Wh)."
        raise InvalidDevice(words, field="opening_wh")
    if facts.starts_on < facts.device.commissioned_on:
        words = "The first loss interval begins before the storage was commissioned."
        raise InvalidDevice(words, field="starts_on")
    if facts.starts_on.year < 2000:
        raise InvalidDevice("Records before 2000 are not kept here.", field="starts_on")
