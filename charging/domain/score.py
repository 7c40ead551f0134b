"""A company's public score: how much of what its charges took was matched hour by hour.

Three figures, never mixed: renewable (EnergyTag: granular certificates cancelled for use in
the same interval), carbon-free (with nuclear; 24/7 carbon-free energy counts so, without the
grid's own share here), tracked (whatever its source). Each interval stands by itself: what was
generated beyond its use fills no other.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from charging.domain.coverage import PPM, Covered, Span, by_span
from charging.domain.matching import VERSION

METHOD = "hourly-score-1"
SETTLES_AFTER = timedelta(hours=48)  # at the least, though an hour may be closed earlier
CALENDAR = "UTC"
SPANS = (Span.DAY, Span.WEEK, Span.MONTH, Span.YEAR)


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of one company up to `counted_until`, in whole Wh, by periods of UTC."""

    claimant: str
    claimant_name: str
    counted_until: datetime
    total: Covered | None
    periods: dict[Span, list[Covered]]

    @property
    def figures_sha256(self) -> str:
        """What a signature over the figures is of: their JSON, sorted, without blanks."""
        text = json.dumps(self.figures(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def figures(self) -> dict[str, Any]:
        """Every period by itself; a year is the sum of its days."""
        return {str(span): [row_of(row) for row in rows] for span, rows in self.periods.items()}


def score_of(
    claimant: str, claimant_name: str, intervals: Sequence[Covered], counted_until: datetime
) -> Score:
    """Add intervals up by day, week, month and year.

    What an interval has beyond its use, after a correction, counts for nothing.
    """
    intervals = [_within_use(one) for one in intervals]
    whole = None
    if intervals:
        whole = Covered(
            intervals[0].starts_at,
            *(
                sum(getattr(one, name) for one in intervals)
                for name in ("used_wh", "renewable_wh", "carbon_free_wh", "tracked_wh")
            ),
        )
    periods = {span: by_span(intervals, span, CALENDAR) for span in SPANS}
    return Score(claimant, claimant_name, counted_until, whole, periods)


def _within_use(one: Covered) -> Covered:
    figures = (one.renewable_wh, one.carbon_free_wh, one.tracked_wh)
    return Covered(one.starts_at, one.used_wh, *(min(wh, one.used_wh) for wh in figures))


def row_of(row: Covered) -> dict[str, str | int]:
    """A period for machines: its first day, whole Wh, and shares in parts per million, down."""
    return {
        "starts_on": f"{row.starts_at.astimezone(UTC):%Y-%m-%d}",
        "used_wh": row.used_wh,
        "renewable_wh": row.renewable_wh,
        "carbon_free_wh": row.carbon_free_wh,
        "tracked_wh": row.tracked_wh,
        "renewable_ppm": row.renewable_wh * PPM // row.used_wh,
        "carbon_free_ppm": row.carbon_free_wh * PPM // row.used_wh,
        "tracked_ppm": row.tracked_wh * PPM // row.used_wh,
    }


def method() -> dict[str, str]:
    """How it was counted, for machines and people."""
    return {
        "version": METHOD,
        "matching_rule": VERSION,
        "calendar": CALENDAR,
        "counted": "final charges and certificates retired for them, in sealed blocks alone",
        "settles_after_hours": str(SETTLES_AFTER // timedelta(hours=1)),
        "settles": "that long after its end, and not before the registry closed it for late data",
        "renewable": "renewable certificates made and used in the same interval",
        "carbon_free": "the same with nuclear; the grid's own carbon-free share is not counted",
        "tracked": "certificates of any source, made and used in the same interval",
    }
