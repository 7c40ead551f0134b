"""Matchings that the checker stopped: what it has against them, and whether they still wait."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from certificates.models import Organisation
from charging.domain.matching.proof import RULES
from charging.models import MatchingRun
from charging.queries.matching.touched import touched_intervals
from ledger.models import AuditEvent

REFUSED = "matching.refused"
MOST_VIOLATIONS = 50  # kept of one matching
LOOKED_AT = 50  # of the newest refusals of a company


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that does not hold, in words; of what, and how one sees it."""

    rule: str
    words: str
    subject: str
    message: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A matching of [starts_at, ends_at) that was not booked; so many violations were `found`.

    `after_run` is the last run before it, by its number; 0 for none.
    """

    number: int
    starts_at: datetime
    ends_at: datetime
    version: str
    at: datetime
    found: int
    after_run: int
    broken: tuple[Broken, ...]


def refusal_events(organisation: Organisation | None = None) -> QuerySet[AuditEvent]:
    """What was logged of stopped matchings, of one company or all, the newest first."""
    events = AuditEvent.objects.filter(action=REFUSED).order_by("-pk")
    if organisation is None:
        return events
    return events.filter(subject=f"organisation {organisation.pk}")


def waiting_refusals(organisation: Organisation) -> list[Refusal]:
    """Stopped matchings of which something is still not matched, each period once."""
    found: dict[tuple[datetime, datetime], Refusal] = {}
    for event in refusal_events(organisation)[:LOOKED_AT]:
        refusal = read_refusal(event)
        found.setdefault((refusal.starts_at, refusal.ends_at), refusal)
    return [one for one in found.values() if _waits(organisation, one)]


def all_waiting() -> list[Refusal]:
    """The same of all companies."""
    subjects = refusal_events().order_by("subject").values_list("subject", flat=True).distinct()
    whose = Organisation.objects.filter(pk__in=[int(text.split()[-1]) for text in subjects])
    return [one for company in whose for one in waiting_refusals(company)]


def _waits(organisation: Organisation, refusal: Refusal) -> bool:
    """Not once it was matched as a whole, nor when nothing in it is left to match."""
    starts_at, ends_at = refusal.starts_at, refusal.ends_at
    later = MatchingRun.objects.filter(
        organisation=organisation,
        pk__gt=refusal.after_run,
        starts_at__lte=starts_at,
        ends_at__gte=ends_at,
    )
    return not later.exists() and bool(touched_intervals(organisation, starts_at, ends_at))


def read_refusal(event: AuditEvent) -> Refusal:
    """What was logged, as its page tells it."""
    detail = event.detail
    return Refusal(
        number=event.pk,
        starts_at=datetime.fromisoformat(detail["starts_at"]),
        ends_at=datetime.fromisoformat(detail["ends_at"]),
        version=detail["version"],
        at=event.at,
        found=detail["found"],
        after_run=detail["after_run"],
        broken=tuple(
            Broken(one["rule"], RULES.get(one["rule"], ""), one["subject"], one["message"])
            for one in detail["violations"]
        ),
    )
