"""What was used of an hour and, after a correction of its meter, was never generated.

What storage gave back is traced to the meters behind it: its certificates stand, and they say
so too where one of these was corrected.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet, Sum

from certificates.domain.taking import pro_rata
from certificates.models import Correction, Device, DischargePart, Retirement
from certificates.queries.readings.tallies import chunks, tallies

LOOK_UP = 500  # ids in one query
ORIGINAL = "allocation__retirement__lot"
Hour = tuple[int, datetime]  # a device's id, and when an interval of it starts


@dataclass(frozen=True, slots=True)
class Claim:
    """Wh of a lot that somebody uses; `is_stored` where storage gave the lot back."""

    lot: int
    device: int
    starts_at: datetime
    is_stored: bool
    amount_wh: int


@dataclass(frozen=True, slots=True)
class Shortfall:
    """An interval of which more was retired than was generated, in Wh.

    `before_wh` is what the meter said first, `after_wh` what it says now; `deficit_wh` is
    certified beyond that, `covered_wh` of it given by other certificates of the owner.
    `missing_wh` of the `retired_wh` were not generated.
    """

    device: Device
    starts_at: datetime
    before_wh: int
    after_wh: int
    deficit_wh: int
    covered_wh: int
    retired_wh: int

    @property
    def missing_wh(self) -> int:
        return min(self.deficit_wh, self.retired_wh)

    def share(self, claimed_wh: int) -> int:
        """What of Wh retired of the interval was not generated, rounded up."""
        return -(-claimed_wh * self.missing_wh // self.retired_wh)


def shortfalls(hours: Iterable[Hour], now: datetime) -> dict[Hour, Shortfall]:
    """Those of these intervals that have one; usually none, which takes a query to see."""
    wanted = set(hours)
    first: dict[int, dict[datetime, int]] = defaultdict(dict)
    devices = {device for device, _ in wanted}
    for chunk in chunks(sorted({at for _, at in wanted})):
        # Devices and instants apart keep to the index; pairs that were not asked for fall out.
        rows = Correction.objects.filter(device__in=devices, starts_at__in=chunk).order_by("pk")
        for device, at, before in rows.values_list("device", "starts_at", "before_wh"):
            if (device, at) in wanted:
                first[device].setdefault(at, before)
    found = {}
    for plant in Device.objects.filter(pk__in=first).order_by("name"):
        for one in _of_device(plant, first[plant.pk], now):
            found[plant.pk, one.starts_at] = one
    return found


def of_meters(claims: Iterable[Claim]) -> dict[Hour, int]:
    """Wh by the metered interval behind each claim.

    A claim on what storage gave back is a claim on each original lot behind it, in proportion
    to what came back of it, by largest remainder: all of it, to the Wh.
    """
    found: dict[Hour, int] = defaultdict(int)
    stored = _sort(claims, found)
    while stored:
        stored = _sort(_originals(stored), found)
    return dict(found)


def given_back_of(correction_ids: Sequence[int]) -> list[int]:
    """Lots that storage gave back of corrected intervals, through any number of storages."""
    known: set[int] = set()
    for some in _chunks(correction_ids):
        corrected = Correction.objects.filter(
            pk__in=some,
            device=OuterRef(f"{ORIGINAL}__device"),
            starts_at=OuterRef(f"{ORIGINAL}__starts_at"),
        )
        fresh = _lots(DischargePart.objects.filter(Exists(corrected))) - known
        while fresh:
            known |= fresh
            behind = set()
            for lots in _chunks(sorted(fresh)):
                behind |= _lots(DischargePart.objects.filter(**{f"{ORIGINAL}__in": lots}))
            fresh = behind - known
    return sorted(known)


def _lots(parts: "QuerySet[DischargePart]") -> set[int]:
    found = parts.filter(lot__isnull=False, given_wh__gt=0)
    return {lot for lot in found.values_list("lot", flat=True) if lot is not None}


def _sort(claims: Iterable[Claim], found: dict[Hour, int]) -> dict[int, int]:
    """Count what is metered; what storage gave back is returned, Wh by lot."""
    stored: dict[int, int] = defaultdict(int)
    for claim in claims:
        if claim.is_stored:
            stored[claim.lot] += claim.amount_wh
        else:
            found[claim.device, claim.starts_at] += claim.amount_wh
    return stored


def _originals(stored: Mapping[int, int]) -> Iterator[Claim]:
    for lots in _chunks(sorted(stored)):
        by_lot: dict[int, list[tuple[int, int, datetime, bool, int]]] = defaultdict(list)
        parts = DischargePart.objects.filter(lot__in=lots, given_wh__gt=0).order_by("lot", "pk")
        for lot, original, device, at, source, given in parts.values_list(
            "lot",
            ORIGINAL,
            f"{ORIGINAL}__device",
            f"{ORIGINAL}__starts_at",
            f"{ORIGINAL}__generated_by",
            "given_wh",
        ):
            by_lot[lot or 0].append((original, device, at, source is not None, given))
        for lot, rows in by_lot.items():
            wh = stored[lot]
            # Both attributes of a Wh may be claimed, so more than was given back: only the
            # proportions count.
            shares = pro_rata(wh, [row[4] * wh for row in rows])
            for row, share in zip(rows, shares, strict=True):
                yield Claim(*row[:4], share)


def _of_device(device: Device, first: Mapping[datetime, int], now: datetime) -> Iterator[Shortfall]:
    retired: dict[datetime, int] = {}
    for chunk in chunks(sorted(first)):
        rows = Retirement.objects.standing().filter(lot__device=device, lot__starts_at__in=chunk)
        retired |= dict(rows.values_list("lot__starts_at").annotate(wh=Sum("amount_wh")))
    for at, tally in sorted(tallies(device, first, now).items()):
        if tally.deficit_wh > 0 and retired.get(at):
            yield Shortfall(
                device=device,
                starts_at=at,
                before_wh=first[at],
                after_wh=tally.generated_wh,
                deficit_wh=tally.deficit_wh,
                covered_wh=tally.elsewhere_wh,
                retired_wh=retired[at],
            )


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for begin in range(0, len(ids), LOOK_UP):
        yield ids[begin : begin + LOOK_UP]
