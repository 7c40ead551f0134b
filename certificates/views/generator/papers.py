"""The papers of an owner's plant."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from certificates.errors import DocumentRefused
from certificates.models import Device, PlantDocument
from certificates.permissions import produced_by
from certificates.queries.plants.ownership import papers_of
from certificates.services.plants import documents as plant_documents
from certificates.views.generator.home import producers_only
from certificates.views.generator.plants import show_plant


@require_POST
@producers_only
def add(request: HttpRequest, gsrn: str) -> HttpResponse:
    """Keep a paper with the plant."""
    device = _device(request, gsrn)
    sent = request.FILES.get("paper")
    try:
        if sent is None:
            raise DocumentRefused("Choose a file first.")
        plant_documents.add(
            device=device,
            kind=request.POST.get("kind", ""),
            stream=sent,  # type: ignore[arg-type]
            name=sent.name or "",
            user=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
    except DocumentRefused as error:
        return show_plant(request, device, refusal=str(error))
    return redirect("generator_plant", gsrn)


@require_POST
@producers_only
def withdraw(request: HttpRequest, gsrn: str, pk: int) -> HttpResponse:
    """The paper counts no longer."""
    document = _document(request, gsrn, pk)
    plant_documents.withdraw(document=document, user=request.user, now=timezone.now())  # type: ignore[arg-type]
    return redirect("generator_plant", gsrn)


@require_safe
@producers_only
def download(request: HttpRequest, gsrn: str, pk: int) -> HttpResponse:
    """The paper itself."""
    document = _document(request, gsrn, pk)
    try:
        content = plant_documents.read(document=document, actor=request.user, now=timezone.now())
    except DocumentRefused as error:
        raise Http404(str(error)) from error
    return HttpResponse(content, headers=plant_documents.download_headers(document))


def _device(request: HttpRequest, gsrn: str) -> Device:
    return get_object_or_404(produced_by(request.user), gsrn=gsrn)


def _document(request: HttpRequest, gsrn: str, pk: int) -> PlantDocument:
    return get_object_or_404(papers_of(_device(request, gsrn)), pk=pk)
