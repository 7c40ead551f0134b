"""What a generator's pages say: what needs doing, how an import goes, what became of every Wh."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum

from certificates.domain.odometer import CERTIFICATE_WH
from certificates.models import DebtMove, Device, Lot, MeterFile, Reading
from certificates.queries.readings.whole_waiting import waiting_wh
from certificates.queries.stretches import intervals
from ledger.models import Account, Balance


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """A device and the state of its meter. `missing` intervals lie between first and last."""

    device: Device
    readings: int
    held: int
    missing: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file's import and issuance got; `expected` lots are to be issued of it.

    `waits_for_whole`: what the device has left is short of the next whole MWh.
    """

    status: str
    readings: int
    lots: int
    expected: int
    waits_for_approval: bool
    waits_for_whole: bool = False

    @property
    def is_done(self) -> bool:
        waits = self.waits_for_approval or self.waits_for_whole
        return self.status == MeterFile.Status.FAILED or (
            self.status == MeterFile.Status.IMPORTED and (self.lots >= self.expected or waits)
        )


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Wh of a device's certificates by where they are now; `own` and `others` hold them."""

    own: int = 0
    others: int = 0
    retired: int = 0
    withdrawn: int = 0

    @property
    def issued(self) -> int:
        return self.own + self.others + self.retired + self.withdrawn


@dataclass(frozen=True, slots=True)
class DayLine:
    """A UTC day's certificates: how many hours, Wh, and the MWh numbers they lie in."""

    day: date
    hours: int
    amount_wh: int
    first_number: int | None
    last_number: int | None


def device_lines(devices: Sequence[Device]) -> list[DeviceLine]:
    """One line for each device, in their order."""
    readings = Reading.objects.filter(device__in=devices)
    waiting = readings.filter(status=Reading.Status.HELD, replaced_by__isnull=True)
    held = dict(waiting.values_list("device").annotate(count=Count("pk")).order_by())
    counts, spans = intervals(devices), reading_spans(devices)
    facts = {pk: (counts[pk], held.get(pk, 0), *spans[pk]) for pk in counts.keys() & spans.keys()}
    return [_line(device, *facts.get(device.pk, ())) for device in devices]


def reading_spans(devices: Sequence[Device]) -> dict[int, tuple[datetime, datetime, datetime]]:
    """When the first interval of each device that has one starts, and the last starts and ends."""
    own = Reading.objects.filter(device=OuterRef("pk"))
    first = own.order_by("starts_at").values("starts_at")
    last = own.filter(replaced_by__isnull=True).order_by("-starts_at", "-version")
    found = Device.objects.filter(pk__in=[device.pk for device in devices]).annotate(
        first=Subquery(first[:1]),
        start=Subquery(last.values("starts_at")[:1]),
        end=Subquery(last.values("ends_at")[:1]),
    )
    rows = found.filter(first__isnull=False).order_by().values_list("pk", "first", "start", "end")
    return {pk: (first, start, end) for pk, first, start, end in rows}


def _line(
    device: Device,
    readings: int = 0,
    held: int = 0,
    first: datetime | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> DeviceLine:
    if first is None or start is None or end is None:
        return DeviceLine(device, 0, 0, 0, None)
    whole = (end - first) // (end - start)
    return DeviceLine(device, readings, held, max(0, whole - readings), end)


def progress(file: MeterFile, now: datetime) -> Progress:
    """Where an import stands."""
    device = file.device
    good = Reading.objects.filter(
        Q(version=1) | Q(correction__after_wh__gt=F("correction__before_wh")),
        file=file,
        status=Reading.Status.ACCEPTED,
        energy_wh__gt=0,
        replaced_by__isnull=True,
    )
    # What went into a debt as a whole becomes no certificate.
    paid = DebtMove.objects.filter(device=OuterRef("device"), starts_at=OuterRef("starts_at"))
    good = good.exclude(Exists(paid), ~Exists(Lot.objects.filter(reading=OuterRef("pk"))))
    return Progress(
        status=file.status,
        readings=Reading.objects.filter(file=file).count(),
        lots=Lot.objects.standing().filter(reading__file=file).count(),
        expected=good.exclude(quality="estimated").count(),
        waits_for_approval=device.status != Device.Status.APPROVED,
        waits_for_whole=device.whole_certificates and waiting_wh(device, now) < CERTIFICATE_WH,
    )


def whereabouts(device: Device, starts_at: datetime, ends_at: datetime) -> Whereabouts:
    """Where the Wh issued for [starts_at, ends_at) are now."""
    lots = {
        "asset__lot_asset__lot__device": device,
        "asset__lot_asset__lot__starts_at__gte": starts_at,
        "asset__lot_asset__lot__starts_at__lt": ends_at,
    }
    owner = device.organisation
    own = Q(account=owner.account_id) | Q(account__sub_account__organisation=owner)
    retired = Q(account__system=Account.System.RETIRED)
    gone = Q(account__system__in=[Account.System.WITHDRAWN, Account.System.EXPIRED])
    sums = Balance.objects.filter(**lots).aggregate(
        own=Sum("amount", filter=own, default=0),
        others=Sum("amount", filter=Q(account__system="") & ~own, default=0),
        retired=Sum("amount", filter=retired, default=0),
        withdrawn=Sum("amount", filter=gone, default=0),
    )
    return Whereabouts(**{name: int(value) for name, value in sums.items()})


def day_lines(device: Device, starts_at: datetime, ends_at: datetime) -> list[DayLine]:
    """The certificates of each UTC day in [starts_at, ends_at), numbers where certified."""
    days: dict[date, list[tuple[int, int | None]]] = {}
    rows = Lot.objects.standing().filter(
        device=device, starts_at__gte=starts_at, starts_at__lt=ends_at
    )
    for at, wh, first in rows.order_by("starts_at").values_list(
        "starts_at", "amount_wh", "first_wh"
    ):
        days.setdefault(at.date(), []).append((wh, first))
    return [_day(day, lots) for day, lots in days.items()]


def _day(day: date, lots: list[tuple[int, int | None]]) -> DayLine:
    numbered = [(first, first + wh - 1) for wh, first in lots if first is not None]
    return DayLine(
        day=day,
        hours=len(lots),
        amount_wh=sum(wh for wh, _ in lots),
        first_number=min(a for a, _ in numbered) // CERTIFICATE_WH if numbered else None,
        last_number=max(b for _, b in numbered) // CERTIFICATE_WH if numbered else None,
    )
