"""Background work of the book; each task takes ids and may run twice."""

from celery import shared_task
from django.utils import timezone

from ledger.services import consistency_runs


@shared_task(name=consistency_runs.TASK)
def check_consistency(run_id: int) -> None:
    """Compare the whole book, as somebody asked."""
    consistency_runs.carry_out(run_id=run_id, clock=timezone.now)


@shared_task(name="ledger.sweep")
def sweep() -> int:
    """Ask again for comparisons whose worker or message was lost; returns how many."""
    return consistency_runs.resume_lost(now=timezone.now())
