"""Within which time generation counts for a charge, and how much matches under each rule.

Months, quarters and years are those of the calendar in UTC.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

Place = tuple[int, int]  # area, start in seconds since 1970
EVERYWHERE = 0  # the one area of a policy that knows none


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule of time and place.

    Generation of one bucket of time serves charges of that bucket and of the `window - 1`
    that follow. `minutes` is the longest that a lot may be to count (`None`: the area's own
    interval; 0: any length). Without `by_area` generation counts wherever it was made.
    """

    name: str
    title: str
    rule: str
    bucket: Callable[[int], int]
    minutes: int | None = 0
    window: int = 1
    by_area: bool = True


@dataclass(frozen=True, slots=True)
class PolicyTotal:
    """Wh asked for, there, and matched under one policy."""

    policy: str
    demand_wh: int
    supply_wh: int
    matched_wh: int


def month_of(start: int) -> int:
    """Months since the year 0."""
    day = datetime.fromtimestamp(start, UTC)
    return day.year * 12 + day.month - 1


def quarter_of(start: int) -> int:
    """Quarters since the year 0."""
    return month_of(start) // 3


def year_of(start: int) -> int:
    """The calendar year."""
    return month_of(start) // 12


def moment_of(start: int) -> int:
    """The interval itself."""
    return start


HOURLY = Policy(
    "hourly",
    "By the hour",
    "Generation counts in its own interval and area, 60 minutes unless the area says otherwise.",
    moment_of,
    minutes=None,
)
QUARTER_HOURLY = Policy(
    "15-minute",
    "By the quarter of an hour",
    "Generation counts in its own 15 minutes and area. A certificate of a longer interval does "
    "not say when in it, and counts for nothing.",
    moment_of,
    minutes=15,
)
MONTHLY = Policy(
    "monthly", "By the month", "Generation counts in its own month and area.", month_of
)
ANNUAL = Policy(
    "annual",
    "By the year",
    "Generation counts anywhere in its year, wherever it was made, as volumes are counted.",
    year_of,
    by_area=False,
)
LCFS = Policy(
    "lcfs",
    "Three quarters (LCFS)",
    "Generation counts in its own quarter and the two that follow, wherever it was made: "
    "book-and-claim under 17 CCR 95488.8(i)(2).",
    quarter_of,
    window=3,
    by_area=False,
)
POLICIES = {policy.name: policy for policy in (HOURLY, QUARTER_HOURLY, MONTHLY, LCFS, ANNUAL)}


def total_under(
    policy: Policy, demand_wh: Mapping[Place, int], supply_wh: Mapping[Place, int]
) -> PolicyTotal:
    """How much matches at most, by (area, start); earlier generation is used up first.

    Serving time in order from the oldest generation that still counts is the most there can
    be, because whoever may use older generation later may use it now (earliest deadline).
    """
    demand, supply = _in_buckets(policy, demand_wh), _in_buckets(policy, supply_wh)
    matched = sum(
        _served(policy.window, asked, supply.get(area, {})) for area, asked in demand.items()
    )
    return PolicyTotal(
        policy=policy.name,
        demand_wh=sum(demand_wh.values()),
        supply_wh=sum(supply_wh.values()),
        matched_wh=matched,
    )


def _in_buckets(policy: Policy, amounts: Mapping[Place, int]) -> dict[int, dict[int, int]]:
    buckets: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for (area, start), wh in amounts.items():
        buckets[area if policy.by_area else EVERYWHERE][policy.bucket(start)] += wh
    return buckets


def _served(window: int, asked: Mapping[int, int], held: Mapping[int, int]) -> int:
    left = dict(held)
    matched = 0
    for bucket in sorted(asked):
        wanted = asked[bucket]
        for source in range(bucket - window + 1, bucket + 1):
            used = min(wanted, left.get(source, 0))
            if used:
                left[source] -= used
                wanted -= used
                matched += used
    return matched
