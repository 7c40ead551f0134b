"""What of a charge's claims was, after a correction of the meter, never generated."""

from dataclasses import dataclass
from datetime import datetime

from certificates.queries.readings.shortfalls import Claim, of_meters, shortfalls
from charging.models import Allocation, Session

LOT = "retirement__lot"


@dataclass(frozen=True, slots=True)
class DeficitFacts:
    """An interval of a plant in which more was used than was generated, in Wh.

    `before_wh` is what the meter said first, `after_wh` what it says now; `deficit_wh` is
    certified beyond that, `covered_wh` of it given by other certificates of the owner.
    `claimed_wh` is what this charge uses of the interval, through storage or at once,
    `affected_wh` its share of the deficit, rounded up.
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
    """By plant and time; usually none, which takes two queries to see."""
    used = Allocation.objects.standing().filter(session_hour__session=session)
    rows = used.values_list(
        LOT,
        f"{LOT}__device",
        f"{LOT}__starts_at",
        f"{LOT}__generated_by",
        "retirement__amount_wh",
    )
    claimed = of_meters(
        Claim(lot, device, at, source is not None, wh) for lot, device, at, source, wh in rows
    )
    return tuple(
        DeficitFacts(
            device_name=one.device.name,
            gsrn=one.device.gsrn,
            starts_at=one.starts_at,
            before_wh=one.before_wh,
            after_wh=one.after_wh,
            deficit_wh=one.deficit_wh,
            covered_wh=one.covered_wh,
            claimed_wh=claimed[hour],
            affected_wh=one.share(claimed[hour]),
        )
        for hour, one in shortfalls(claimed, now).items()
    )
