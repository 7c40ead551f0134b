"""What a device must state before it is registered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from certificates.domain import eecs, gsrn
from certificates.domain.fact_fields import LARGEST, day_of, degrees_of, text_of, whole_of
from certificates.errors import InvalidDevice

REQUIRED = (
    "name",
    "organisation",
    "technology_code",
    "energy_source_code",
    "capacity_w",
    "area",
    "commissioned_on",
)
OPTIONAL = (
    "gsrn",
    "latitude",
    "longitude",
    "support",
    "negative_policy",
    "quality",
    "whole_certificates",
    "kind",
)
KINDS = ("production", "external")
LARGEST_W = LARGEST
QUALITIES = ("measured", "calculated", "estimated")


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """A device as its owner states it. `organisation` is a short name, `area` a code.

    `capacity_w` in W. An empty `gsrn` asks for a number from this registry.
    `whole_certificates`: only whole MWh are issued and moved, as EECS and M-RETS have it.
    `kind` is production, or external for a plant whose certificates another registry issues.
    """

    name: str
    organisation: str
    technology_code: str
    energy_source_code: str
    capacity_w: int
    area: str
    commissioned_on: date
    gsrn: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    support: str = "none"
    negative_policy: str = "clip"
    quality: str = "measured"
    whole_certificates: bool = False
    kind: str = "production"


def read_facts(document: Mapping[str, Any]) -> DeviceFacts:
    """Facts from a JSON object. Raises: InvalidDevice, InvalidGsrn."""
    missing = [name for name in REQUIRED if document.get(name) in (None, "")]
    if missing:
        raise InvalidDevice(f"Missing: {', '.join(missing)}.", field=missing[0])
    unknown = sorted(set(document) - {*REQUIRED, *OPTIONAL})
    if unknown:
        raise InvalidDevice(f"{unknown[0]} is no fact about a device.", field=unknown[0])
    number = text_of(document, "gsrn", "")
    facts = DeviceFacts(
        name=text_of(document, "name"),
        organisation=text_of(document, "organisation"),
        technology_code=text_of(document, "technology_code"),
        energy_source_code=text_of(document, "energy_source_code"),
        capacity_w=whole_of(document, "capacity_w", "watts"),
        area=text_of(document, "area"),
        commissioned_on=day_of(document, "commissioned_on"),
        gsrn=gsrn.check(number) if number else "",
        latitude=degrees_of(document, "latitude", 90),
        longitude=degrees_of(document, "longitude", 180),
        support=text_of(document, "support", "none"),
        negative_policy=text_of(document, "negative_policy", "clip"),
        quality=text_of(document, "quality", "measured"),
        whole_certificates=_truth(document, "whole_certificates"),
        kind=text_of(document, "kind", "production"),
    )
    _check(facts)
    return facts


def _check(facts: DeviceFacts) -> None:
    eecs.check_pair(facts.technology_code, facts.energy_source_code)
    if facts.negative_policy not in ("clip", "net"):
        raise InvalidDevice("negative_policy is clip or net.", field="negative_policy")
    if facts.quality not in QUALITIES:
        raise InvalidDevice(f"quality is one of {', '.join(QUALITIES)}.", field="quality")
    if facts.kind not in KINDS:
        raise InvalidDevice(f"kind is one of {', '.join(KINDS)}.", field="kind")
    if facts.whole_certificates and facts.kind != "production":
        raise InvalidDevice(
            "Certificates of another registry come in by the Wh; leave whole_certificates out.",
            field="whole_certificates",
        )


def _truth(document: Mapping[str, Any], name: str) -> bool:
    value = document.get(name, False)
    if not isinstance(value, bool):
        raise InvalidDevice(f"{name} is true or false.", field=name)
    return value
