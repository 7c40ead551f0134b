"""A plant that was to change hands and did not, and a standing order that found nothing."""

from types import SimpleNamespace

from certificates.models import Handover, StandingOrder, StandingRun
from tests.trail_facts import HOUR, START, digest


def stand(t: SimpleNamespace) -> None:
    """Both ended without a move."""
    Handover.objects.create(
        device=t.device,
        seller=t.producer,
        buyer=t.company,
        effective_on=START.date(),
        effective_at=START,
        status="withdrawn",
        proposed_at=t.now,
    )
    order = StandingOrder.objects.create(
        holder=t.company,
        key=f"order:{t.n}",
        request_hash=digest("order"),
        status="ended",
        share_ppm=1,
        starts_at=START,
        runs_from=START,
        beneficiary_kind="self",
        country="GB",
        purpose="Office",
        ordered_at=t.now,
        ended_at=t.now,
    )
    StandingRun.objects.create(order=order, starts_at=START, ends_at=START + HOUR, ran_at=t.now)
