"""What of a charge's claims was, after a correction of the meter, never generated."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from certificates.models import Correction, Device, Retirement
from certificates.queries.tallies import tallies
from charging.models import Allocation, Session

LOT = "retirement__lot"


@dataclass(frozen=True, slots=True)
class DeficitFacts:
    """An interval of a plant in which more was used than was generated, in Wh.

    `before_wh` is what the meter said first, `after_wh` what it says now; `deficit_wh` is
    certified beyond that, `covered_wh` of it given by other certificates of the owner.
    `claimed_wh` is what this charge uses of the interval, `affected_wh` its share of the
    deficit, rounded up.
    """

    device_name: str
    gsrn: str
    starts_at: datetime
    before_wh: int
    after_wh: int
    deficit_wh: int
    covered_wh: int
    claimed_wh: int
    affected_wh: int


def deficits_of(session: Session, now: datetime) -> tuple[DeficitFacts, ...]:
    """By plant and time; usually none, which takes one query to see."""
    used = Allocation.objects.standing().filter(session_hour__session=session)
    corrected: dict[int, dict[datetime, int]] = defaultdict(dict)
    # Devices and instants apart keep to the index; pairs that were not used fall out below.
    rows = Correction.objects.filter(
        device__in=used.values(f"{LOT}__device"), starts_at__in=used.values(f"{LOT}__starts_at")
    )
    for device, at, before in rows.order_by("pk").values_list("device", "starts_at", "before_wh"):
        corrected[device].setdefault(at, before)  # what the meter said first
    if not corrected:
        return ()
    claimed: dict[int, dict[datetime, int]] = defaultdict(lambda: defaultdict(int))
    for device, at, wh in used.values_list(
        f"{LOT}__device", f"{LOT}__starts_at", "retirement__amount_wh"
    ):
        claimed[device][at] += wh
    found: list[DeficitFacts] = []
    for plant in Device.objects.filter(pk__in=corrected).order_by("name"):
        mine = claimed[plant.pk]
        first = {at: wh for at, wh in corrected[plant.pk].items() if at in mine}
        found += _of_device(plant, mine, first, now)
    return tuple(found)


def _of_device(
    device: Device, claimed: dict[datetime, int], corrected: dict[datetime, int], now: datetime
) -> list[DeficitFacts]:
    retired = dict(
        Retirement.objects.standing()
        .filter(lot__device=device, lot__starts_at__in=list(corrected))
        .values_list("lot__starts_at")
        .annotate(wh=Sum("amount_wh"))
    )
    facts = []
    for at, tally in sorted(tallies(device, corrected, now).items()):
        missing = min(tally.deficit_wh, retired.get(at, 0))
        if missing <= 0:
            continue
        facts.append(
            DeficitFacts(
                device_name=device.name,
                gsrn=device.gsrn,
                starts_at=at,
                before_wh=corrected[at],
                after_wh=tally.generated_wh,
                deficit_wh=tally.deficit_wh,
                covered_wh=tally.elsewhere_wh,
                claimed_wh=claimed[at],
                affected_wh=-(-claimed[at] * missing // retired[at]),
            )
        )
    return facts
