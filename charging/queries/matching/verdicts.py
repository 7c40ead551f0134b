"""What the checker said of a run when it was booked."""

from dataclasses import dataclass
from typing import Any

from charging.domain.matching.terms import RINGS
from charging.models import MatchingRun
from ledger.models import AuditEvent

PROVEN = "matching.proven"


@dataclass(frozen=True, slots=True)
class StageLine:
    """One stage of a run in words, and what it gave."""

    good: str
    ring: str
    matched_wh: int
    charges: int
    lots: int
    shares: int


@dataclass(frozen=True, slots=True)
class KeptVerdict:
    """The verdict on a run. It was proven, otherwise nothing would have been booked."""

    version: str
    intervals_closed: int
    intervals_matched_again: int
    demand_wh: int
    supply_wh: int
    matched_wh: int
    stages: tuple[StageLine, ...]


def verdict_of(run: MatchingRun) -> KeptVerdict | None:
    """The verdict kept for a run; `None` for one from before there was a checker."""
    if run.verdict is not None:
        return _read(run.verdict)
    # Older runs have it in the trail of audit events alone.
    event = AuditEvent.objects.filter(action=PROVEN, subject=f"matchingrun {run.pk}").first()
    return _read(event.detail) if event else None


def _read(detail: dict[str, Any]) -> KeptVerdict:
    return KeptVerdict(
        version=detail["version"],
        intervals_closed=detail["intervals_closed"],
        intervals_matched_again=detail["intervals_matched_again"],
        demand_wh=detail["demand_wh"],
        supply_wh=detail["supply_wh"],
        matched_wh=detail["matched_wh"],
        stages=tuple(
            StageLine(
                good=stage["good"],
                ring=RINGS[stage["ring"]],
                matched_wh=stage["matched_wh"],
                charges=stage["charges"],
                lots=stage["lots"],
                shares=stage["shares"],
            )
            for stage in detail["stages"]
        ),
    )
