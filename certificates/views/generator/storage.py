"""Storage of a producer: registered, fed with records, charged, settled."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certificates.domain.storage.flows import read_csv
from certificates.errors import CertificatesError, InvalidDevice, LinesRefused
from certificates.forms.storage import RecordsForm, StorageForm, StoredForm
from certificates.models import Device, Role, StorageAct, StorageRecord
from certificates.permissions import organisations_of, stored_by
from certificates.queries.plants.applications import areas_in_force
from certificates.queries.storage import chain as storage_chain
from certificates.queries.storage import pages as storage_pages
from certificates.services.storage import acts as storage_acts
from certificates.services.storage import charging as storage_charging
from certificates.services.storage import closing as storage_closing
from certificates.services.storage import devices as storage_devices
from certificates.services.storage import undoing as storage_undoing
from certificates.views.generator.home import producers_only
from ledger.errors import LedgerError

PER_PAGE = 100
REFUSED_SHOWN = 50
CHAIN_SHOWN = 50
Refusals = (CertificatesError, LedgerError)


@require_safe
@producers_only
def home(request: HttpRequest) -> HttpResponse:
    """Every storage of the person's organisations."""
    devices = stored_by(request.user).order_by("name")
    lines = [(device, storage_pages.open_interval(device)) for device in devices]
    return render(request, "storage/home.html", {"lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@producers_only
def register(request: HttpRequest) -> HttpResponse:
    """State what storage is; the registry approves it."""
    now = timezone.now()
    owners = list(organisations_of(request.user, Role.PRODUCER))
    areas = list(areas_in_force(now))
    form = StorageForm(request.POST or None, owners=owners, areas=areas)
    if request.method == "POST" and form.is_valid():
        facts = form.facts()
        try:
            if facts is not None:
                device = storage_devices.register_storage(facts=facts, now=now, actor=request.user)
                return redirect("storage_device", device.gsrn)
        except InvalidDevice as error:
            form.refuse(error)
    status = 422 if form.errors else 200
    return render(request, "storage/register.html", {"form": form}, status=status)


@require_safe
@producers_only
def storage(request: HttpRequest, gsrn: str) -> HttpResponse:
    """What went in and came out, what is stored of which plant, what needs doing."""
    return _page(request, _storage(request, gsrn))


@require_POST
@producers_only
def send(request: HttpRequest, gsrn: str) -> HttpResponse:
    """Take a file of records, all lines or none."""
    device = _storage(request, gsrn)
    form = RecordsForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, device, form=form)
    try:
        report = storage_acts.send_records(
            device=device,
            flows=read_csv(form.cleaned_data["file"]),
            replace=form.cleaned_data["replace"],
            now=timezone.now(),
            actor=request.user,
        )
    except LinesRefused as error:
        lines = error.lines[:REFUSED_SHOWN]
        return _page(request, device, lines=lines, more=len(error.lines) - len(lines))
    except Refusals as error:
        return _page(request, device, refusal=str(error))
    words = f"{report.recorded:,} records taken, {report.replaced:,} replaced"
    messages.success(request, f"{words}, {report.duplicates:,} were here already.")
    return redirect("storage_device", device.gsrn)


@require_POST
@producers_only
def withdraw(request: HttpRequest, gsrn: str) -> HttpResponse:
    """Take the chosen records out of force."""
    device = _storage(request, gsrn)
    ids = [int(one) for one in request.POST.getlist("record") if one.isascii() and one.isdigit()]
    try:
        report = storage_acts.withdraw_records(
            device=device, record_ids=ids, now=timezone.now(), actor=request.user
        )
    except LinesRefused as error:
        return _page(request, device, refusal=error.lines[0].message)
    except Refusals as error:
        return _page(request, device, refusal=str(error))
    words = f"{report.records:,} records withdrawn."
    if report.kept_wh:
        words += f" {report.kept_wh:,} Wh stay retired for their hours; new records take them over."
    messages.success(request, words)
    return redirect("storage_device", device.gsrn)


@require_http_methods(["GET", "HEAD", "POST"])
@producers_only
def charge(request: HttpRequest, gsrn: str) -> HttpResponse:
    """What would be retired for the open charges; after a look, do it."""
    device, now = _storage(request, gsrn), timezone.now()
    interval = storage_pages.open_interval(device)
    period: dict[str, Any] = {"starts_at": interval.starts_at, "ends_at": now}
    refusal = ""
    if storage_acts.scheduled(device, StorageAct.Kind.CHARGING):
        # A second click: the first has done it.
        return redirect("storage_device", device.gsrn)
    try:
        if request.method == "POST":
            act = storage_acts.charge(
                device=device, **period, now=now, actor=request.user, seen_wh=_seen(request)
            )
            messages.success(
                request, f"{act.amount_wh:,} Wh are set aside for what was stored. {_until(act)}"
            )
            return redirect("storage_device", device.gsrn)
    except Refusals as error:
        refusal = str(error)
    try:
        found = storage_charging.foresee(device=device, **period)
    except Refusals as error:
        return _page(request, device, refusal=str(error))
    context = {"device": device, "found": found, "refusal": refusal}
    return render(request, "storage/charge.html", context, status=422 if refusal else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@producers_only
def settle(request: HttpRequest, gsrn: str) -> HttpResponse:
    """State what was stored, see what comes back, then settle the interval."""
    device, now = _storage(request, gsrn), timezone.now()
    starts_at = _instant(request) or storage_pages.open_interval(device).starts_at
    form = StoredForm(request.POST or None, label_suffix="")
    refusal, settling = "", None
    if request.method == "POST" and form.is_valid():
        act: dict[str, Any] = {"device": device, "starts_at": starts_at, "now": now}
        act["stored_wh"] = form.stored_wh
        try:
            seen = _seen(request)
            if seen is not None:
                made = storage_acts.settle(**act, actor=request.user, seen_wh=seen)
                words = f"{made.amount_wh:,} Wh will become certificates again."
                messages.success(request, f"{words} {_until(made)}")
                return redirect("storage_device", device.gsrn)
            settling = storage_closing.preview(**act)
        except Refusals as error:
            refusal = str(error)
    context = {
        "device": device,
        "interval": storage_pages.open_interval(device),
        "form": form,
        "settling": settling,
        "refusal": refusal,
    }
    status = 422 if refusal or form.errors else 200
    return render(request, "storage/settle.html", context, status=status)


@require_POST
@producers_only
def undo(request: HttpRequest, gsrn: str, pk: int) -> HttpResponse:
    """Take back what can still be undone."""
    device = _storage(request, gsrn)
    act = get_object_or_404(StorageAct, device=device, pk=pk)
    try:
        storage_undoing.undo(act=act, now=timezone.now(), actor=request.user)
    except Refusals as error:
        return _page(request, device, refusal=str(error))
    messages.success(request, f"Undone: {act.get_kind_display().lower()}.")
    return redirect("storage_device", device.gsrn)


def _until(act: StorageAct) -> str:
    return f"Until {act.due_at:%H:%M} UTC you can undo it on this page."


def _storage(request: HttpRequest, gsrn: str) -> Device:
    return get_object_or_404(stored_by(request.user), gsrn=gsrn)


def _page(request: HttpRequest, device: Device, **more: Any) -> HttpResponse:
    records = Paginator(storage_pages.records_of(device), PER_PAGE)
    interval, now = storage_pages.open_interval(device), timezone.now()
    page = records.get_page(request.GET.get("page"))
    lots = device.lots.order_by("-starts_at").values_list("pk", flat=True)[:CHAIN_SHOWN]
    chain = storage_chain.chain_of(lots, now)[:CHAIN_SHOWN]
    acts = list(device.storage_acts.filter(status=StorageAct.Status.SCHEDULED))
    kinds = {act.kind for act in acts}
    context = {
        "device": device,
        "acts": [act for act in acts if act.due_at > now],
        "is_charging": StorageAct.Kind.CHARGING in kinds,
        "is_settling": StorageAct.Kind.SETTLEMENT in kinds,
        "terms": device.storage_terms,
        "interval": interval,
        "is_over": interval.ends_at <= now,
        "settled": storage_pages.settled_intervals(device),
        "origins": storage_pages.stored_origins(device),
        "page": page,
        "can_withdraw": any(_is_open(row, interval.starts_at) for row in page),
        "chain": chain,
        "missing_wh": sum(link.missing_wh for link in chain),
        "corrected": storage_pages.corrected_origins(device, now),
        "form": RecordsForm(),
        **more,
    }
    return render(request, "storage/storage.html", context, status=422 if more else 200)


def _is_open(row: StorageRecord, since: datetime) -> bool:
    return row.status == StorageRecord.Status.IN_FORCE and row.starts_at >= since


def _seen(request: HttpRequest) -> int | None:
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _instant(request: HttpRequest) -> datetime | None:
    """Which interval a person looked at: a second click settles no other."""
    try:
        found = datetime.fromisoformat(request.POST.get("starts_at", ""))
    except ValueError:
        return None
    return found if found.tzinfo else None
