"""Readings that certificates can be issued for."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    CharField,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Window,
)
from django.db.models.functions import Cast, Coalesce, Mod, RowNumber

from certificates.domain.odometer import CERTIFICATE_WH
from certificates.models import Correction, DebtMove, Device, Lot, MeterFile, Reading
from certificates.queries.readings.tallies import ISSUING_QUALITIES, period_of, readings_in_force
from ledger.models.bulk import moments

Period = tuple[datetime | None, datetime | None]


class IssuableReading(NamedTuple):
    """What issuance needs of a reading; `file_sha256` names the meter file."""

    pk: int
    starts_at: datetime
    ends_at: datetime
    energy_wh: int
    quality: str
    file_sha256: str


def first_issuable(readings: QuerySet[Reading], limit: int | None = None) -> list[IssuableReading]:
    """The first so many, or all, without the weight of whole rows."""
    # Instants as text: read one by one they took as long as all the rest.
    begins, ends = (Cast(name, CharField()) for name in ("starts_at", "ends_at"))
    found = readings.annotate(begins=begins, ends=ends)
    rows = list(found.values_list("pk", "begins", "ends", "energy_wh", "quality", "file")[:limit])
    if not rows:
        return []
    ids, begun, ended, energy, qualities, files = zip(*rows, strict=True)
    hashes = dict(MeterFile.objects.filter(pk__in=set(files)).values_list("pk", "sha256"))
    names = [hashes[file] for file in files]
    columns = ids, moments(begun), moments(ended), energy, qualities, names
    return list(map(IssuableReading._make, zip(*columns, strict=True)))


def windows(
    device: Device, starts_at: datetime | None, ends_at: datetime | None, limit: int
) -> list[Period]:
    """A period cut so that each part has about `limit` readings, whatever became of them."""
    readings = Reading.objects.filter(period_of(starts_at, ends_at), device=device)
    place = Window(RowNumber(), order_by="starts_at")
    firsts = readings.annotate(rest=Mod(place, limit)).filter(rest=0).order_by("starts_at")
    cuts = sorted(set(firsts.values_list("starts_at", flat=True)))
    return list(pairwise([starts_at, *cuts, ends_at]))


def issuable_readings(
    device: Device, starts_at: datetime | None, ends_at: datetime | None, *, now: datetime
) -> QuerySet[Reading]:
    """In force, over, and of an interval that nothing was issued, corrected or charged for.

    By time; starts in the period. A lot that the chain refused is no obstacle: its reading
    is issued again. Under the policy clip a negative interval issues nothing and takes
    nothing from others; under net it is charged, so it is among these.
    """
    interval = {"device": OuterRef("device"), "starts_at": OuterRef("starts_at")}
    period = period_of(starts_at, ends_at)
    found = readings_in_force(device, now).filter(period)
    # Looked for interval by interval only where there is something to be found.
    if Lot.objects.filter(period, device=device).exists():
        found = found.filter(~Exists(Lot.objects.standing().filter(**interval)))
    for model in (Correction, DebtMove):
        if model.objects.filter(period, device=device).exists():
            found = found.filter(~Exists(model.objects.filter(**interval)))
    if device.negative_policy == Device.NegativePolicy.NET:
        found = found.exclude(energy_wh=0)
    else:
        found = found.filter(energy_wh__gt=0)
    return found.order_by("starts_at")


def begun_starts(
    device: Device, starts_at: datetime | None, ends_at: datetime | None
) -> list[datetime]:
    """Intervals that were issued in part, by readings that nobody corrected."""
    lots = Lot.objects.standing().filter(
        period_of(starts_at, ends_at), device=device, reading__replaced_by__isnull=True
    )
    sums = lots.values("starts_at").annotate(wh=Sum("amount_wh"), of=Max("reading__energy_wh"))
    return list(sums.filter(wh__lt=F("of")).values_list("starts_at", flat=True))


def next_sequences(
    device: Device, readings: Sequence[IssuableReading]
) -> dict[tuple[datetime, int], int]:
    """The sequence of the next lot by (start, minutes), where an interval had lots before.

    Those are lots that the chain refused: their numbers are never used again.
    """
    if not readings:
        return {}
    had = Lot.objects.filter(
        device=device,
        starts_at__gte=readings[0].starts_at,
        starts_at__lte=readings[-1].starts_at,
    )
    rows = had.values_list("starts_at", "length_minutes").annotate(last=Max("sequence"))
    return {(start, minutes): last + 1 for start, minutes, last in rows.order_by()}


def devices_waiting(now: datetime, uploaded_before: datetime) -> QuerySet[Device]:
    """Approved devices with readings that a person confirmed and issuance has not seen yet.

    A file that came by a command or the API is issued by one. A reading whose lot was refused
    waits for a person: repeating it unasked would be refused again.
    """
    paid = DebtMove.objects.filter(
        device=OuterRef("device"),
        starts_at=OuterRef("starts_at"),
        posted_at__gte=OuterRef("file__uploaded_at"),
        kind__in=[DebtMove.Kind.WITHHELD, DebtMove.Kind.CONSUMPTION],
    )
    raises = Q(correction__after_wh__gt=F("correction__before_wh"))
    never = Reading.objects.filter(
        ~Exists(paid),
        Q(version=1) | raises,
        device=OuterRef("pk"),
        status=Reading.Status.ACCEPTED,
        quality__in=ISSUING_QUALITIES,
        energy_wh__gt=0,
        ends_at__lte=now,
        replaced_by__isnull=True,
        lots__isnull=True,
        file__uploaded_by__isnull=False,
        file__uploaded_at__lt=uploaded_before,
    )
    # Of a device that is certified in whole MWh less than the next one waits for more readings.
    of_device = {"device": OuterRef("pk")}
    energy = Reading.objects.filter(
        **of_device,
        status=Reading.Status.ACCEPTED,
        quality__in=ISSUING_QUALITIES,
        energy_wh__gt=0,
        ends_at__lte=now,
        replaced_by__isnull=True,
    )
    left = _total(energy, "energy_wh") - _total(Lot.objects.standing().filter(**of_device))
    found = Device.objects.filter(Exists(never), status=Device.Status.APPROVED)
    short = found.filter(whole_certificates=True).annotate(left=left)
    short = short.filter(left__lt=CERTIFICATE_WH)
    return found.exclude(pk__in=short.values("pk")).order_by("gsrn")


def _total(rows: "QuerySet[Any]", name: str = "amount_wh") -> Coalesce:
    sums = rows.order_by().values("device").annotate(wh=Sum(name)).values("wh")
    return Coalesce(Subquery(sums), 0, output_field=BigIntegerField())
