"""What matching comes to in a period, and what it would come to under another rule."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from certificates.models import Area, Organisation, Role
from charging.domain.local_time import to_seconds, to_utc
from charging.domain.matching import matched_by_interval, matched_by_period
from charging.errors import InvalidPeriod, NotAChargingCompany
from charging.queries import demand as demand_of
from charging.queries import supply as supply_of

HOURLY, ANNUAL = "hourly", "annual"
POLICIES = (HOURLY, ANNUAL)


@dataclass(frozen=True, slots=True)
class MatchReport:
    """The period's demand, supply and matched Wh; what this run added to the book."""

    demand_wh: int = 0
    supply_wh: int = 0
    matched_wh: int = 0
    session_hours: int = 0
    allocations: int = 0
    retirements: int = 0

    def as_json(self) -> dict[str, Any]:
        """The report as it is printed."""
        return asdict(self)


def what_if(
    *,
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    ppm: int | None = None,
    policy: str = HOURLY,
) -> MatchReport:
    """What would be matched under another share or policy; writes nothing.

    `ppm` is the share of every lot of the devices under agreement; without it the company's
    own generation counts. `annual` lets generation count anywhere in the period.
    Raises: InvalidPeriod, NotAChargingCompany.
    """
    check_period(organisation, starts_at, ends_at)
    if policy not in POLICIES or (ppm is not None and not 0 <= ppm <= 1_000_000):
        raise InvalidPeriod(
            f"Policy {policy!r}, {ppm} ppm: use hourly or annual, and 0 to 1,000,000 ppm."
        )
    demand = demand_of.demand_by_interval(organisation, starts_at, ends_at)
    if ppm is None:
        supply = supply_of.supply_received(organisation, starts_at, ends_at)
    else:
        supply = supply_of.supply_from_agreements(organisation, starts_at, ends_at, ppm)
    count = matched_by_period if policy == ANNUAL else matched_by_interval
    return MatchReport(
        demand_wh=sum(demand.values()),
        supply_wh=sum(supply.values()),
        matched_wh=count(demand, supply),
        session_hours=demand_of.count_session_hours(organisation, starts_at, ends_at),
    )


def check_period(organisation: Organisation, starts_at: datetime, ends_at: datetime) -> None:
    """Raises: NotAChargingCompany, InvalidPeriod."""
    if not organisation.roles.filter(role=Role.CHARGING_COMPANY).exists():
        raise NotAChargingCompany(
            f"{organisation.name} is no charging company; only those match charges."
        )
    if ends_at <= starts_at:
        raise InvalidPeriod("The period ends before it starts. Give --from before --to.")
    minutes = max(Area.objects.values_list("matching_minutes", flat=True), default=60) * 60
    if to_seconds(starts_at) % minutes or to_seconds(ends_at) % minutes:
        raise InvalidPeriod(
            f"The period must begin and end with a matching interval of {minutes // 60} minutes; "
            f"for instance at {to_utc(to_seconds(starts_at) // minutes * minutes):%Y-%m-%dT%H:%MZ}."
        )
