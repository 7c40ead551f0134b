"""What the pages of storage show: its sums, what is stored of which origin, its records."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from certificates.models import (
    ChargeAllocation,
    Correction,
    Device,
    LossInterval,
    StorageRecord,
    StoredPart,
)
from certificates.queries.readings.shortfalls import Claim, Shortfall, of_meters, shortfalls
from certificates.queries.storage.records import (
    CHARGE,
    DISCHARGE,
    backed_wh,
    backings,
    closed_until,
    in_force,
    next_interval,
)


@dataclass(frozen=True, slots=True)
class OpenInterval:
    """The loss interval that is not settled yet, in Wh. `waiting` retirements are under way."""

    starts_at: datetime
    ends_at: datetime
    records: int
    input_wh: int
    backed_wh: int
    output_wh: int
    waiting: int

    @property
    def unknown_wh(self) -> int:
        """Charged, and nothing retired for it."""
        return max(0, self.input_wh - self.backed_wh)


@dataclass(frozen=True, slots=True)
class StoredOrigin:
    """Wh still stored of one plant; without a plant of unknown origin."""

    plant: Device | None
    amount_wh: int


@dataclass(frozen=True, slots=True)
class CorrectedOrigin:
    """An hour whose certificates were retired for charges and whose meter was corrected, in Wh.

    Of `retired_wh` for these charges `missing_wh` were not generated after all; of what came
    back of them, `given_missing_wh`. What is retired and given back stands; the plant owes it.
    """

    shortfall: Shortfall
    retired_wh: int
    given_wh: int

    @property
    def missing_wh(self) -> int:
        return self.shortfall.share(self.retired_wh)

    @property
    def given_missing_wh(self) -> int:
        return self.shortfall.share(self.given_wh)


@dataclass(frozen=True, slots=True)
class Settled:
    """A settled loss interval with the parts of its balance, in Wh; together what went in."""

    interval: LossInterval

    @property
    def parts(self) -> Sequence[tuple[str, str, int]]:
        """Kind, words and Wh, in the order of the picture."""
        one = self.interval
        return (
            ("used", "came out and was certified again", one.given_wh),
            ("own", "came out without a certificate", one.output_wh - one.given_wh),
            ("withdrawn", "lost", one.lost_wh),
            ("aside", "stored when it ended", one.stored_wh),
        )

    @property
    def whole_wh(self) -> int:
        """What was there before and what went in."""
        return self.interval.opening_wh + self.interval.input_wh

    @property
    def bars(self) -> Sequence[tuple[str, float, float]]:
        """Kind, left edge and width of each part, in thousandths of the whole."""
        found, x = [], 0.0
        for kind, _, wh in self.parts:
            width = wh * 1000 / self.whole_wh if self.whole_wh else 0.0
            found.append((kind, round(x, 2), round(width, 2)))
            x += width
        return found


def open_interval(device: Device) -> OpenInterval:
    """The next loss interval to be settled, as it stands."""
    span = next_interval(device.storage_terms)
    sums = {
        direction: (count, wh)
        for direction, count, wh in in_force(device, *span)
        .order_by()
        .values_list("direction")
        .annotate(count=Count("pk"), wh=Sum("energy_wh"))
    }
    charges, input_wh = sums.get(CHARGE, (0, 0))
    discharges, output_wh = sums.get(DISCHARGE, (0, 0))
    backed = backings(device, *span)
    return OpenInterval(
        starts_at=span[0],
        ends_at=span[1],
        records=charges + discharges,
        input_wh=input_wh,
        backed_wh=sum(backed_wh(parts) for parts in backed.values()),
        output_wh=output_wh,
        waiting=sum(not part.is_certified for parts in backed.values() for part in parts),
    )


def settled_intervals(device: Device) -> list[Settled]:
    """The latest first."""
    return [Settled(one) for one in device.loss_intervals.order_by("-starts_at")]


def stored_origins(device: Device) -> list[StoredOrigin]:
    """What was stored when the last settled interval ended, the largest first."""
    until = closed_until(device)
    terms = device.storage_terms
    if until is None:
        return [StoredOrigin(None, terms.opening_wh)] if terms.opening_wh else []
    parts = StoredPart.objects.filter(
        interval__device=device, interval__ends_at=until, left_wh__gt=0
    ).select_related(
        "allocation__retirement__lot__device", "allocation__retirement__lot__generated_by"
    )
    sums: dict[Device | None, int] = defaultdict(int)
    for part in parts:
        plant = part.allocation.retirement.lot.source if part.allocation else None
        sums[plant] += part.left_wh
    found = [StoredOrigin(plant, wh) for plant, wh in sums.items()]
    return sorted(found, key=lambda one: -one.amount_wh)


def corrected_origins(device: Device, now: datetime) -> list[CorrectedOrigin]:
    """By plant and time; usually none, which takes one query to see."""
    lot = "retirement__lot"
    corrected = Correction.objects.filter(
        device=OuterRef(f"{lot}__device"), starts_at=OuterRef(f"{lot}__starts_at")
    )
    mine = ChargeAllocation.objects.standing().filter(
        Exists(corrected) | Q(**{f"{lot}__generated_by__isnull": False}), charge__device=device
    )
    rows = mine.annotate(given=Sum("stored_parts__given_wh", default=0)).values_list(
        lot,
        f"{lot}__device",
        f"{lot}__starts_at",
        f"{lot}__generated_by",
        "retirement__amount_wh",
        "given",
    )
    retired, given = [], []
    for pk, made_by, at, source, wh, back in rows:
        retired.append(Claim(pk, made_by, at, source is not None, wh))
        given.append(Claim(pk, made_by, at, source is not None, back))
    by_hour, back_by_hour = of_meters(retired), of_meters(given)
    return [
        CorrectedOrigin(one, by_hour[hour], back_by_hour[hour])
        for hour, one in shortfalls(by_hour, now).items()
    ]


def records_of(device: Device) -> QuerySet[StorageRecord]:
    """Every version, the latest interval first."""
    return StorageRecord.objects.filter(device=device).order_by(
        "-starts_at", "direction", "-version"
    )
