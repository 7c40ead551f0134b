"""Keeping what the checker has against a matching that it stopped."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from certificates.models import Organisation
from charging.models import MatchingRun
from charging.queries.matching.refusals import MOST_VIOLATIONS, REFUSED, refusal_events
from ledger.services.audit import record


@transaction.atomic
def keep_refusal(
    *,
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    verdict: Mapping[str, Any],
    now: datetime,
) -> None:
    """Log a matching of [starts_at, ends_at) that was not booked; the same again is once."""
    violations = list(verdict.get("violations", ()))
    last_run = MatchingRun.objects.filter(organisation=organisation).order_by("-pk").first()
    detail = {
        "organisation": organisation.slug,
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
        "version": verdict.get("version", ""),
        "after_run": last_run.pk if last_run else 0,
        "found": len(violations),
        "violations": violations[:MOST_VIOLATIONS],
    }
    if not refusal_events(organisation).filter(detail=detail).exists():
        record(actor="matching", action=REFUSED, subject=organisation, detail=detail, now=now)
