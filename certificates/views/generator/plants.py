"""A generator's plants: described in steps, handed in, followed to approval."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certificates.domain import eecs
from certificates.errors import CertificatesError
from certificates.forms.plant import StepForm
from certificates.models import Device, PlantDocument, Role
from certificates.permissions import organisations_of, produced_by
from certificates.queries.plants import applications as plant_applications
from certificates.queries.plants.ownership import papers_of
from certificates.queries.readings.whole_waiting import waiting_wh
from certificates.services.plants import applications
from certificates.services.plants import updates as device_updates
from certificates.services.plants.devices import area_in_force
from certificates.services.plants.updates import CERTIFIED, MUTABLE
from certificates.views.generator import plant_draft
from certificates.views.generator.home import producers_only
from certificates.views.plant_map import plant_map

IMPORTS_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@producers_only
def step(request: HttpRequest, name: str) -> HttpResponse:
    """One step: what is sent is kept for the next, nothing is registered yet."""
    if name not in plant_draft.STEPS:
        raise Http404
    stated = plant_draft.draft(request)
    if name == "source" and not stated.get("technology_code"):
        return redirect("generator_new_plant", "technology")
    form = plant_draft.form_for(request, name, timezone.now())
    if request.method == "POST" and form.is_valid():
        plant_draft.keep(request, **form.kept())
        if "look" not in request.POST:
            return redirect("generator_new_plant", _next(request, name))
    return _shown(request, name, form)


def _next(request: HttpRequest, name: str) -> str:
    """The step after this one; straight to the last look where everything else is said."""
    is_open = plant_draft.first_open(plant_draft.draft(request))
    order = [*plant_draft.STEPS, plant_draft.CHECK]
    after = order[order.index(name) + 1]
    return is_open if is_open == plant_draft.CHECK and "whole" in request.POST else after


def _shown(request: HttpRequest, name: str, form: StepForm, refusal: str = "") -> HttpResponse:
    order = list(plant_draft.STEPS)
    stated = plant_draft.draft(request)
    context = {
        "form": form,
        "step": name,
        "number": order.index(name) + 1,
        "count": len(order) + 1,
        "before": order[order.index(name) - 1] if name != order[0] else "",
        "is_whole": plant_draft.first_open(stated) == plant_draft.CHECK,
        "of": stated.get(plant_draft.NUMBER, ""),
        "refusal": refusal,
    }
    if name == "place":
        context["map"] = plant_map(stated.get("latitude"), stated.get("longitude"))
    status = 422 if refusal or form.errors else 200
    return render(request, "generator/plant_step.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@producers_only
def check(request: HttpRequest) -> HttpResponse:
    """A last look at everything stated; from here the plant is handed in."""
    stated = plant_draft.draft(request)
    if not stated and request.method == "POST" and plant_draft.done(request):
        return redirect("generator_plant", plant_draft.done(request))
    is_open = plant_draft.first_open(stated)
    if is_open != plant_draft.CHECK:
        return redirect("generator_new_plant", is_open)
    now = timezone.now()
    owner = get_object_or_404(
        organisations_of(request.user, Role.PRODUCER), slug=stated["organisation"]
    )
    refusal, wrong = "", ""
    try:
        area = area_in_force(stated["area"], now)
        if request.method == "POST":
            device = _hand_in(request, stated)
            plant_draft.drop(request, done=device.gsrn)
            return redirect("generator_plant", device.gsrn)
    except CertificatesError as error:
        refusal = str(error)
        wrong = plant_draft.STEP_OF.get(getattr(error, "field", ""), "meter")
        area = None  # type: ignore[assignment]
    context = {
        "lines": plant_draft.lines(stated, owner.name, str(area or stated["area"])),
        "map": plant_map(stated.get("latitude"), stated.get("longitude")),
        "of": stated.get(plant_draft.NUMBER, ""),
        "count": len(plant_draft.STEPS) + 1,
        "refusal": refusal,
        "wrong": wrong,
    }
    return render(request, "generator/plant_check.html", context, status=422 if refusal else 200)


def _hand_in(request: HttpRequest, stated: dict[str, str]) -> Device:
    now, facts = timezone.now(), plant_draft.facts(stated)
    number = stated.get(plant_draft.NUMBER)
    if not number:
        return applications.hand_in(facts=facts, now=now, actor=request.user)
    device = get_object_or_404(produced_by(request.user), gsrn=number)
    return applications.hand_in_again(device=device, facts=facts, now=now, actor=request.user)


@require_POST
@producers_only
def start(request: HttpRequest) -> HttpResponse:
    """Forget what was stated, and begin with a new plant."""
    plant_draft.drop(request)
    return redirect("generator_new_plant", next(iter(plant_draft.STEPS)))


@require_POST
@producers_only
def change(request: HttpRequest, gsrn: str) -> HttpResponse:
    """Begin with the facts of a plant that the registry sent back."""
    device = get_object_or_404(produced_by(request.user), gsrn=gsrn, status=Device.Status.DRAFT)
    plant_draft.start_over(request, device)
    return redirect("generator_plant_check")


@require_POST
@producers_only
def update(request: HttpRequest, gsrn: str) -> HttpResponse:
    """Another name or a better place; what was left empty stays."""
    device = get_object_or_404(produced_by(request.user), gsrn=gsrn)
    sent = {name: request.POST.get(name, "").strip() for name in MUTABLE}
    changes = {name: value for name, value in sent.items() if value}
    try:
        device_updates.update(
            device=device, changes=changes, now=timezone.now(), actor=request.user
        )
    except CertificatesError as error:
        return show_plant(request, device, str(error))
    return redirect("generator_plant", device.gsrn)


@require_safe
@producers_only
def plant(request: HttpRequest, gsrn: str) -> HttpResponse:
    """A plant, and how far it is on its way to approval."""
    return show_plant(request, get_object_or_404(produced_by(request.user), gsrn=gsrn))


def show_plant(request: HttpRequest, device: Device, refusal: str = "") -> HttpResponse:
    """The plant's page; a refusal heads it."""
    context = {
        "device": device,
        "refusal": refusal,
        "papers": papers_of(device).filter(withdrawn_at=None),
        "paper_kinds": PlantDocument.Kind.choices,
        "steps": plant_applications.steps(device),
        "reason": plant_applications.reasons([device]).get(device.pk, ""),
        "technology": eecs.technology_name(device.technology_code),
        "source": eecs.source_name(device.energy_source_code),
        "map": plant_map(device.latitude, device.longitude),
        "waiting_wh": waiting_wh(device, timezone.now()) if device.whole_certificates else 0,
        "imports": device.imports.select_related("registry").order_by("-pk")[:IMPORTS_SHOWN],
        "may_update": device.status in CERTIFIED,
        "is_public": device.status not in (Device.Status.DRAFT, Device.Status.SUBMITTED),
    }
    status = 422 if refusal else 200
    return render(request, "generator/plant.html", context, status=status)
