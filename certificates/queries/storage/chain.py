"""From an original certificate over its charge and discharge to the certificate given back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from certificates.domain.odometer import CERTIFICATE_WH
from certificates.models import Device, DischargePart, Lot
from certificates.queries.readings.shortfalls import Claim, of_meters, shortfalls


@dataclass(frozen=True, slots=True)
class Link:
    """One original certificate's way through storage, in whole Wh.

    `retired_wh` were retired for the charge, `drawn_wh` of them for this discharge, of which
    `given_wh` came back: at most `output_wh` / `gone_wh`, the interval's efficiency.
    `first_wh` is the first number of what was retired, where it has one. `missing_wh` of what
    came back was, after a correction of the plant's meter, never generated, rounded up.
    """

    plant: Device
    plant_lot: str
    made_by: Device
    made_at: datetime
    first_wh: int | None
    charged_at: datetime
    charged_until: datetime
    retired_wh: int
    drawn_wh: int
    discharged_at: datetime
    given_wh: int
    lot: str
    output_wh: int
    gone_wh: int
    missing_wh: int = 0

    @property
    def certificate(self) -> int | None:
        """The number of the MWh that the first retired Wh lies in."""
        return None if self.first_wh is None else self.first_wh // CERTIFICATE_WH


def chain_of(lots: Iterable[int], now: datetime) -> list[Link]:
    """The ways that led to these lots, by discharge and charge; none for lots of a meter."""
    found = DischargePart.objects.filter(lot__in=list(lots), given_wh__gt=0).select_related(
        "lot",
        "interval",
        "discharge",
        "allocation__charge",
        "allocation__retirement__lot__device",
        "allocation__retirement__lot__generated_by",
    )
    rows = found.order_by("discharge__starts_at", "lot", "allocation__charge__starts_at", "pk")
    links = [_link(part) for part in rows]
    behind = [of_meters([_claim(part.allocation.retirement.lot, part.given_wh)]) for part in rows]
    missing = shortfalls({hour for hours in behind for hour in hours}, now)
    return [
        replace(
            link,
            missing_wh=sum(
                missing[hour].share(wh) for hour, wh in hours.items() if hour in missing
            ),
        )
        for link, hours in zip(links, behind, strict=True)
    ]


def _claim(lot: Lot, amount_wh: int) -> Claim:
    return Claim(lot.pk, lot.device_id, lot.starts_at, lot.generated_by_id is not None, amount_wh)


def _link(part: DischargePart) -> Link:
    charge, retirement = part.allocation.charge, part.allocation.retirement
    first = retirement.first_renewable_wh
    return Link(
        plant=retirement.lot.source,
        plant_lot=retirement.lot.code,
        made_by=retirement.lot.device,
        made_at=retirement.lot.starts_at,
        first_wh=retirement.first_emissions_wh if first is None else first,
        charged_at=charge.starts_at,
        charged_until=charge.ends_at,
        retired_wh=retirement.amount_wh,
        drawn_wh=part.drawn_wh,
        discharged_at=part.discharge.starts_at,
        given_wh=part.given_wh,
        lot=part.lot.code if part.lot else "",
        output_wh=part.interval.output_wh,
        gone_wh=part.interval.gone_wh,
    )
