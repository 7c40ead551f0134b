"""A plant that a person is describing: kept in their session, as text, until it is handed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest

from certificates.domain import eecs
from certificates.domain.device_facts import DeviceFacts, read_facts
from certificates.forms import plant as forms
from certificates.models import Device, Role
from certificates.permissions import organisations_of
from certificates.queries.plants.applications import areas_in_force

KEY, DONE = "plant_draft", "plant_done"
STEPS: dict[str, type[forms.StepForm]] = {
    "name": forms.NameForm,
    "technology": forms.TechnologyForm,
    "source": forms.SourceForm,
    "meter": forms.MeterForm,
    "place": forms.PlaceForm,
}
CHECK = "check"
WHOLE = "whole"  # only whole MWh are issued
NUMBER = "of"  # the GSRN of a plant that was sent back
STEP_OF = {
    "organisation": "name",
    "gsrn": "name",
    "kind": "name",
    "technology_code": "technology",
    "energy_source_code": "source",
    "area": "place",
    "latitude": "place",
    "longitude": "place",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A fact on the page that asks for a last look, and the step that states it."""

    label: str
    value: str
    step: str


def draft(request: HttpRequest) -> dict[str, str]:
    """What was stated so far."""
    return dict(request.session.get(KEY, {}))


def keep(request: HttpRequest, **stated: str) -> None:
    """Add to what was stated; another technology takes its energy source back."""
    known = draft(request)
    code = stated.get("technology_code", known.get("technology_code"))
    if code != known.get("technology_code"):
        known.pop("energy_source_code", None)
    request.session[KEY] = known | stated


def drop(request: HttpRequest, done: str = "") -> None:
    """Forget what was stated, because it is to be or because it is `done`: handed in as this."""
    request.session.pop(KEY, None)
    request.session[DONE] = done


def done(request: HttpRequest) -> str:
    """The number of the plant that was handed in last, so that a second click leads there."""
    return str(request.session.get(DONE, ""))


def start_over(request: HttpRequest, device: Device) -> None:
    """Begin with the facts of a plant that was sent back."""
    unit = "MW" if device.capacity_w >= forms.WATTS["MW"] else "kW"
    capacity = f"{Decimal(device.capacity_w) / forms.WATTS[unit]:f}"
    places = {name: getattr(device, name) for name in ("latitude", "longitude")}
    request.session[KEY] = {
        NUMBER: device.gsrn,
        "organisation": device.organisation.slug,
        "gsrn": device.gsrn,
        "kind": device.kind,
        "name": device.name,
        "technology_code": device.technology_code,
        "energy_source_code": device.energy_source_code,
        "capacity": capacity,
        "capacity_unit": unit,
        "capacity_w": str(device.capacity_w),
        "commissioned_on": device.commissioned_on.isoformat(),
        "quality": device.quality,
        "negative_policy": device.negative_policy,
        "whole_certificates": WHOLE if device.whole_certificates else "",
        "support": "" if device.support == "none" else device.support,
        "area": device.area.code,
        **{name: "" if value is None else f"{value:f}" for name, value in places.items()},
    }


def form_for(request: HttpRequest, step: str, now: datetime) -> forms.StepForm:
    """The step's form, filled with what was sent or what was stated before."""
    known = draft(request)
    more: dict[str, Any] = {}
    if step == "name":
        mine = list(organisations_of(request.user, Role.PRODUCER).order_by("name"))
        more = {"organisations": mine, "number": known.get(NUMBER, "")}
    if step == "place":
        more = {"areas": list(areas_in_force(now))}
    return STEPS[step](request.POST or None, draft=known, **more)


def first_open(stated: Mapping[str, str]) -> str:
    """The first step that leaves something needed unsaid; `check` when none does."""
    needed = {
        "name": ("name", "organisation"),
        "technology": ("technology_code",),
        "source": ("energy_source_code",),
        "meter": ("capacity_w", "commissioned_on"),
        "place": ("area",),
    }
    for step, names in needed.items():
        if not all(stated.get(name) for name in names):
            return step
    return CHECK


def facts(stated: Mapping[str, str]) -> DeviceFacts:
    """The plant as the domain knows it. Raises: InvalidDevice, InvalidGsrn."""
    names = (
        "organisation",
        "gsrn",
        "kind",
        "name",
        "technology_code",
        "energy_source_code",
        "commissioned_on",
        "quality",
        "negative_policy",
        "support",
        "area",
        "latitude",
        "longitude",
    )
    document: dict[str, Any] = {name: stated[name] for name in names if stated.get(name)}
    document["capacity_w"] = int(stated["capacity_w"])
    document["whole_certificates"] = stated.get("whole_certificates") == WHOLE
    return read_facts(document)


def lines(stated: Mapping[str, str], owner: str, area: str) -> list[Line]:
    """Every fact in words, in the order of the steps."""
    has_place = bool(stated.get("latitude"))
    place = f"{stated['latitude']}, {stated['longitude']}" if has_place else "not stated"
    qualities = dict(forms.Quality.choices)
    whole = stated.get("whole_certificates") == WHOLE
    policies = dict(Device.NegativePolicy.choices)
    technology, source = stated["technology_code"], stated["energy_source_code"]
    is_external = stated.get("kind") == Device.Kind.EXTERNAL
    return [
        Line("Owner", owner, "name"),
        Line("Certificates from", "another registry" if is_external else "this registry", "name"),
        Line("Name", stated["name"], "name"),
        Line("Plant number", stated.get("gsrn") or "this registry gives the next one", "name"),
        Line("Technology", f"{eecs.technology_name(technology)} ({technology})", "technology"),
        Line("Energy source", f"{eecs.source_name(source)} ({source})", "source"),
        Line("Capacity", f"{stated['capacity']} {stated['capacity_unit']}", "meter"),
        Line("In service since", stated["commissioned_on"], "meter"),
        Line("Readings", qualities[stated["quality"]], "meter"),
        Line("Negative readings", policies[stated["negative_policy"]], "meter"),
        Line("Certificates", "in whole MWh" if whole else "by the Wh", "meter"),
        Line("Public support", stated.get("support") or "none", "meter"),
        Line("Grid area", area, "place"),
        Line("Place", place, "place"),
    ]
