"""A comparison of the whole book on request: asked for once, told while it runs, kept.

A worker carries it out. A second click finds the run that is open; one whose worker is gone is
taken up by another, and the first can tell nothing any more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from ledger.models import ConsistencyRun
from ledger.services import asking, audit, consistency

CHECKED = "consistency.checked"  # the audit event of a comparison
TASK = "ledger.check_consistency"
UNTAKEN = timedelta(seconds=20)  # a worker takes up what is asked for within a second
UNHEARD = timedelta(minutes=15)  # the longest single question of a check takes minutes
TOLD_EVERY = timedelta(seconds=1)
LONGEST_REASON = 500
Status = ConsistencyRun.Status
Clock = Callable[[], datetime]


class TakenOver(Exception):
    """Another process carries the run out by now."""


@dataclass(frozen=True, slots=True)
class _Asker:
    """Who asked, as the log has it."""

    name: str
    pk: str

    def __str__(self) -> str:
        return self.name


def ask(*, actor: object, now: datetime) -> ConsistencyRun:
    """The run that is open, or a new one that a worker is asked to carry out."""
    try:
        with transaction.atomic():
            run = ConsistencyRun.objects.create(
                asked_by=str(actor)[:200],
                asked_by_id=str(getattr(actor, "pk", "") or "")[:64],
                asked_at=now,
                heard_at=now,
            )
    except IntegrityError:
        found = open_run() or latest_run()
        if found is None:
            raise
        return found
    transaction.on_commit(lambda: nudge(run.pk), robust=True)
    return run


def carry_out(*, run_id: int, clock: Clock) -> ConsistencyRun | None:
    """Compare, and keep the result; None where the run is over or somebody else has it.

    Raises: whatever breaks a check off, once that is noted.
    """
    attempt = _take_up(run_id, clock())
    if attempt is None:
        return None
    mine = ConsistencyRun.objects.filter(pk=run_id, attempt=attempt, status=Status.RUNNING)
    listens = consistency.listening.set(_Teller(mine, clock))
    try:
        findings = consistency.check_everything()
    except TakenOver:
        return None
    except Exception as error:
        now = clock()
        reason = str(error)[:LONGEST_REASON]
        mine.update(status=Status.BROKEN, reason=reason, ended_at=now, heard_at=now)
        raise
    finally:
        consistency.listening.reset(listens)
    return _finish(run_id, attempt, consistency.as_report(findings), clock())


def open_run() -> ConsistencyRun | None:
    """The run whose result is still to come."""
    return ConsistencyRun.objects.filter(status__in=[Status.WAITING, Status.RUNNING]).first()


def latest_run() -> ConsistencyRun | None:
    """The run that was asked for last."""
    return ConsistencyRun.objects.order_by("-pk").first()


def nobody_takes(run: ConsistencyRun, now: datetime) -> bool:
    """Whether no worker seems to be there for an open run."""
    patience = UNTAKEN if run.status == Status.WAITING else UNHEARD
    return run.is_open and now - run.heard_at > patience


def resume_lost(*, now: datetime) -> int:
    """Ask again for runs whose worker or message was lost; returns how many."""
    waits = Q(status=Status.WAITING, heard_at__lt=now - UNTAKEN)
    lost = Q(status=Status.RUNNING, heard_at__lt=now - UNHEARD)
    found = list(ConsistencyRun.objects.filter(waits | lost).values_list("pk", flat=True))
    for pk in found:
        nudge(pk)
    return len(found)


def nudge(run_id: int) -> None:
    """Ask a worker; where the queue does not answer, the next sweep asks again."""
    asking.ask(current_app.signature(TASK, args=[run_id]))


class _Teller:
    """Notes how far a run is, at most once a second, and stops whom another took over from."""

    def __init__(self, mine: QuerySet[ConsistencyRun], clock: Clock) -> None:
        self.mine, self.clock = mine, clock
        self.names, self.step, self.told_at = list(consistency.CHECKS), "", clock() - TOLD_EVERY

    def __call__(self, check: str, done: int, total: int) -> None:
        now = self.clock()
        if check == self.step and now - self.told_at < TOLD_EVERY:
            return
        self.step, self.told_at = check, now
        steps = self.names.index(check) if check in self.names else 0
        facts = {"step": check, "steps_done": steps, "done": done, "total": total}
        if not self.mine.update(**facts, heard_at=now):
            raise TakenOver


def _take_up(run_id: int, now: datetime) -> int | None:
    with transaction.atomic():
        found = ConsistencyRun.objects.filter(
            pk=run_id, status__in=[Status.WAITING, Status.RUNNING]
        )
        if not found.update(status=Status.RUNNING, attempt=F("attempt") + 1, heard_at=now):
            return None
        return int(found.values_list("attempt", flat=True).get())


@transaction.atomic
def _finish(
    run_id: int, attempt: int, report: Mapping[str, Any], now: datetime
) -> ConsistencyRun | None:
    runs = ConsistencyRun.objects.select_for_update()
    run = runs.filter(pk=run_id, attempt=attempt, status=Status.RUNNING).first()
    if run is None:
        return None
    run.event = audit.record(
        actor=_Asker(run.asked_by, run.asked_by_id),
        action=CHECKED,
        subject="book and outbox",
        now=now,
        detail=report,
    )
    run.status, run.steps_done, run.step = Status.FINISHED, len(consistency.CHECKS), ""
    run.ended_at = run.heard_at = now
    run.save()
    return run
