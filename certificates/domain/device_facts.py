"""What a device must state before it is registered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from certificates.domain import eecs, gsrn
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
QUALITIES = ("measured", "calculated", "estimated")
LARGEST_W = 10**12


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """A device as its owner states it. `organisation` is a short name, `area` a code.

    `capacity_w` in W. An empty `gsrn` asks for a number from this registry.
    `whole_certificates`: only whole MWh are issued and moved, as EECS and M-RETS have it.
    `kind` is production,
    or external for a plant whose certificates another registry issues.
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
    for name in REQUIRED:
        if document.get(name) in (None, ""):
            raise InvalidDevice(f"{name} is missing.", field=name)
    unknown = sorted(set(document) - {*REQUIRED, *OPTIONAL})
    if unknown:
        raise InvalidDevice(f"{unknown[0]} is no fact about a device.", field=unknown[0])
    number = _text(document, "gsrn", "")
    facts = DeviceFacts(
        name=_text(document, "name"),
        organisation=_text(document, "organisation"),
        technology_code=_text(document, "technology_code"),
        energy_source_code=_text(document, "energy_source_code"),
        capacity_w=_whole(document, "capacity_w"),
        area=_text(document, "area"),
        commissioned_on=_day(document, "commissioned_on"),
        gsrn=gsrn.check(number) if number else "",
        latitude=_degrees(document, "latitude", 90),
        longitude=_degrees(document, "longitude", 180),
        support=_text(document, "support", "none"),
        negative_policy=_text(document, "negative_policy", "clip"),
        quality=_text(document, "quality", "measured"),
        whole_certificates=_truth(document, "whole_certificates"),
        kind=_text(document, "kind", "production"),
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


def _text(document: Mapping[str, Any], name: str, default: str = "") -> str:
    value = document.get(name)
    if value is None or value == "":
        return default
    longest = 40 if name in ("support", "area") else 200
    if not isinstance(value, str) or len(value.strip()) > longest:
        raise InvalidDevice(f"{name} is a text of at most {longest} characters.", field=name)
    return value.strip()


def _whole(document: Mapping[str, Any], name: str) -> int:
    value = document[name]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= LARGEST_W:
        raise InvalidDevice(f"{name} is a whole number of watts above 0.", field=name)
    return value


def _truth(document: Mapping[str, Any], name: str) -> bool:
    value = document.get(name, False)
    if not isinstance(value, bool):
        raise InvalidDevice(f"{name} is true or false.", field=name)
    return value


def _day(document: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(str(document[name]))
    except ValueError:
        raise InvalidDevice(f"{name} is a day such as 2016-04-01.", field=name) from None


def _degrees(document: Mapping[str, Any], name: str, most: int) -> Decimal | None:
    value = document.get(name)
    if value is None or value == "":
        return None
    try:
        degrees = Decimal(str(value))
    except InvalidOperation:
        degrees = Decimal("NaN")
    if not degrees.is_finite() or abs(degrees) > most:
        raise InvalidDevice(f"{name} is between -{most} and {most} degrees.", field=name)
    return degrees.quantize(Decimal("0.000001"))
