"""What anyone may look up: a certificate, a plant, a sealed block, the totals of a day."""

from datetime import UTC, date, datetime, time, timedelta

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from certificates.domain import eecs
from certificates.domain.token_metadata import metadata
from certificates.models import Device, Lot
from certificates.queries import certificate_number, external_ranges, public_pages
from certificates.queries.generator import fates
from certificates.queries.storage import chain as storage_chain
from certificates.views import certificate_page, fate_page
from certificates.views.language import in_readers_language
from ledger.domain.token_id import TokenId
from ledger.models import Block
from ledger.queries.witnesses import witnessed


@require_safe
@in_readers_language
def certificate(request: HttpRequest, gsrn: str, number: int) -> HttpResponse:
    """Certificate `number` of a plant: the hours it was made in and what became of it."""
    device = _device(gsrn)
    odometer_wh = certificate_number.odometer_wh(device)
    found = certificate_number.look_up(device, number)
    if not found.hours:
        words = {"device": device, "number": number, "last": _last_number(odometer_wh)}
        return render(request, "certificate/missing.html", words, status=404)
    bundles = external_ranges.origins(hour.lot_id for hour in found.hours)
    chain = storage_chain.chain_of([hour.lot_id for hour in found.hours], timezone.now())
    return render(
        request,
        "certificate/certificate.html",
        {
            "certificate": found,
            "bundles": [
                (hour, bundles[hour.lot_id]) for hour in found.hours if hour.lot_id in bundles
            ],
            "device": device,
            "technology": eecs.technology_name(device.technology_code),
            "picture": certificate_page.draw(found),
            "uses": certificate_page.uses(found),
            "holders": certificate_page.holders(found),
            "chain": chain,
            "missing_wh": sum(link.missing_wh for link in chain),
            "retired_wh": certificate_page.retired_wh(found),
            "last": _last_number(odometer_wh),
        },
    )


@require_safe
def asset(request: HttpRequest, number: str) -> HttpResponse:
    """Metadata of an asset, for wallets: its number in 64 hexadecimal digits."""
    try:
        token_id = TokenId.from_number(int(number, 16))
    except ValueError as error:
        raise Http404 from error
    device = _device(f"{token_id.device:018d}")
    lot = Lot.objects.filter(code=f"{token_id.lot:040x}").select_related("generated_by").first()
    source = (lot.generated_by if lot else None) or device
    described = metadata(
        token_id,
        device_name=device.name,
        technology=eecs.technology_name(source.technology_code),
    )
    return JsonResponse(described, headers={"Access-Control-Allow-Origin": "*"})


@require_safe
@in_readers_language
def plant(request: HttpRequest, gsrn: str) -> HttpResponse:
    """A plant and what it generated."""
    device = _device(gsrn)
    months = public_pages.months(device)
    odometer_wh = certificate_number.odometer_wh(device)
    return render(
        request,
        "certificate/plant.html",
        {
            "device": device,
            "technology": eecs.technology_name(device.technology_code),
            "source": eecs.source_name(device.energy_source_code),
            "months": months,
            "top_wh": max((month.issued_wh for month in months), default=0),
            "issued_wh": sum(month.issued_wh for month in months),
            "retired_wh": sum(month.retired_wh for month in months),
            "hours": sum(month.hours for month in months),
            "odometer_wh": odometer_wh,
            "last": _last_number(odometer_wh),
            "story": fate_page.public_view(fates.fate([device])),
        },
    )


@require_safe
@in_readers_language
def block(request: HttpRequest, height: int) -> HttpResponse:
    """A sealed block and what was settled in it."""
    found = get_object_or_404(Block, height=height)
    batches = found.batches.prefetch_related("entries").order_by("sequence")
    heights = Block.objects.order_by("height").values_list("height", flat=True)
    return render(
        request,
        "certificate/block.html",
        {
            "sealed": found,
            "batches": [certificate_page.batch_line(batch) for batch in batches],
            "before": heights.filter(height__lt=height).last(),
            "after": heights.filter(height__gt=height).first(),
            "witnesses": witnessed(height),
        },
    )


@require_safe
@in_readers_language
def totals(request: HttpRequest) -> HttpResponse:
    """Issued, retired and left over in every hour of one UTC day, for each area."""
    span = public_pages.span()
    if span is None:
        return render(request, "certificate/totals.html", {"hours": []})
    day = min(
        max(_day(request.GET.get("day", "")) or span[1].date(), span[0].date()), span[1].date()
    )
    starts_at = datetime.combine(day, time(), UTC)
    hours = public_pages.hours(starts_at, starts_at + timedelta(days=1))
    return render(
        request,
        "certificate/totals.html",
        {
            "hours": hours,
            "day": day,
            "first": span[0].date(),
            "last": span[1].date(),
            "before": day - timedelta(days=1) if day > span[0].date() else None,
            "after": day + timedelta(days=1) if day < span[1].date() else None,
            "issued_wh": sum(hour.issued_wh for hour in hours),
            "retired_wh": sum(hour.retired_wh for hour in hours),
            "from_storage_wh": sum(hour.from_storage_wh for hour in hours),
            "top_wh": max((hour.issued_wh for hour in hours), default=0),
        },
    )


def _device(gsrn: str) -> Device:
    return get_object_or_404(public_pages.public_devices(), gsrn=gsrn)


def _last_number(odometer_wh: int) -> int | None:
    return (odometer_wh - 1) // certificate_number.CERTIFICATE_WH if odometer_wh else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
