"""What matching comes to in a period, and what it would come to under another rule."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from certificates.models import Area, Organisation, Role
from charging.domain.local_time import to_seconds, to_utc
from charging.domain.matching import PPM
from charging.domain.matching import policies as rules
from charging.domain.matching.policies import POLICIES, PolicyTotal, total_under
from charging.errors import InvalidPeriod, NotAChargingCompany
from charging.queries.matching import demand as demand_of
from charging.queries.matching import supply as supply_of
from charging.queries.matching.supply import LotRow

HOURLY, ANNUAL = rules.HOURLY.name, rules.ANNUAL.name


@dataclass(frozen=True, slots=True)
class MatchReport:
    """The period's demand, supply and matched Wh; what this run added to the book.

    `too_coarse_wh` is supply in lots longer than the policy's interval, which counts for
    nothing; `late_intervals` are those closed before and matched again for late data.
    """

    demand_wh: int = 0
    supply_wh: int = 0
    matched_wh: int = 0
    session_hours: int = 0
    allocations: int = 0
    retirements: int = 0
    too_coarse_wh: int = 0
    late_intervals: int = 0

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
    own generation counts.
    Raises: InvalidPeriod, NotAChargingCompany.
    """
    (report,) = compare(
        organisation=organisation, starts_at=starts_at, ends_at=ends_at, ppm=ppm, policies=[policy]
    ).values()
    return report


def compare(
    *,
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    ppm: int | None = None,
    policies: Iterable[str] = POLICIES,
    counts_hours: bool = True,
) -> dict[str, MatchReport]:
    """The same period under several policies, by their names; writes nothing.

    Only generation of the period counts, also where a policy looks back further. Hours of
    sessions are counted one by one, which who does not show them leaves out (0).
    Raises: InvalidPeriod, NotAChargingCompany.
    """
    check_period(organisation, starts_at, ends_at)
    asked = list(policies)
    _check_question(asked, ppm)
    lots = (
        supply_of.received_lots(organisation, starts_at, ends_at)
        if ppm is None
        else supply_of.agreed_lots(organisation, starts_at, ends_at, ppm)
    )
    demand = demand_of.demand_by_interval(organisation, starts_at, ends_at)
    period = (organisation, starts_at, ends_at)
    hours = demand_of.count_session_hours(*period) if counts_hours else 0
    reports = {}
    for name in asked:
        rule = POLICIES[name]
        supply = supply_of.gather(lots, rule.minutes)
        fine = demand
        if rule.minutes and supply:  # with nothing to match, when in its hour does not matter
            fine = demand_of.demand_by_minutes(*period, rule.minutes)
        reports[name] = _report(total_under(rule, fine, supply), lots, hours)
    return reports


def _report(total: PolicyTotal, lots: Sequence[LotRow], session_hours: int) -> MatchReport:
    return MatchReport(
        demand_wh=total.demand_wh,
        supply_wh=total.supply_wh,
        matched_wh=total.matched_wh,
        session_hours=session_hours,
        too_coarse_wh=sum(lot[3] for lot in lots) - total.supply_wh,
    )


def _check_question(policies: Sequence[str], ppm: int | None) -> None:
    if any(name not in POLICIES for name in policies) or not (ppm is None or 0 <= ppm <= PPM):
        raise InvalidPeriod(
            f"Policy {', '.join(policies)!r}, {ppm} ppm: use one of {', '.join(POLICIES)}, "
            f"and 0 to {PPM:,} ppm."
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
