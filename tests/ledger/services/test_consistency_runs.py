"""A comparison is asked for once, survives its worker, and keeps its result."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from ledger.models import AuditEvent, ConsistencyRun
from ledger.services import consistency, consistency_runs
from ledger.services.consistency_runs import UNHEARD, UNTAKEN, ask, carry_out, nobody_takes

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def checks(db, monkeypatch):
    """Checks that a test makes up, by name."""
    made = {}
    monkeypatch.setattr(consistency, "CHECKS", made)
    return made


def nothing():
    """Nothing is ever wrong here."""
    return iter(())


def test_who_asks_twice_gets_the_same_run(checks):
    first = ask(actor="Ann", now=NOW)
    again = ask(actor="Bob", now=NOW + SECOND)
    assert (again.pk, again.asked_by) == (first.pk, "Ann")
    carry_out(run_id=first.pk, clock=lambda: NOW)
    assert ask(actor="Bob", now=NOW + 2 * SECOND).pk != first.pk


def test_a_result_is_kept_with_its_time_and_who_asked(checks):
    checks["a"] = nothing
    run = carry_out(run_id=ask(actor="Ann", now=NOW).pk, clock=lambda: NOW + SECOND)
    assert (run.status, run.ended_at) == ("finished", NOW + SECOND)
    assert (run.event.actor, run.event.detail["consistent"]) == ("Ann", True)
    assert carry_out(run_id=run.pk, clock=lambda: NOW) is None
    assert AuditEvent.objects.count() == 1


def test_how_far_a_check_is_can_be_seen_while_it_runs(checks):
    seen = []

    def slow():
        """It takes long."""
        consistency.tell("b", 30, 120)
        run = ConsistencyRun.objects.get()
        seen.append((run.status, run.step, run.steps_done, run.percent))
        return iter(())

    checks |= {"a": nothing, "b": slow}
    ticks = iter(NOW + n * SECOND for n in range(99))
    carry_out(run_id=ask(actor="Ann", now=NOW).pk, clock=lambda: next(ticks))
    assert seen == [("running", "b", 1, 25)]


def test_a_run_whose_worker_was_killed_is_taken_up_and_ends_once(checks):
    """The first worker stands still in the middle; whatever it does later changes nothing."""
    run = ask(actor="Ann", now=NOW)

    def overtaken():
        """Meanwhile another worker does it all."""
        checks["a"] = nothing
        assert carry_out(run_id=run.pk, clock=lambda: NOW + SECOND).status == "finished"
        consistency.tell("b", 1, 2)
        raise AssertionError("it should have stopped")

    checks["a"] = overtaken
    assert carry_out(run_id=run.pk, clock=lambda: NOW) is None
    run.refresh_from_db()
    assert (run.status, run.attempt) == ("finished", 2)
    assert AuditEvent.objects.count() == 1


def test_what_breaks_a_check_off_is_said_and_another_can_be_asked_for(checks):
    checks["a"] = lambda: 1 / 0
    run = ask(actor="Ann", now=NOW)
    with pytest.raises(ZeroDivisionError):
        carry_out(run_id=run.pk, clock=lambda: NOW)
    run.refresh_from_db()
    assert (run.status, run.reason, run.event) == ("broken", "division by zero", None)
    assert ask(actor="Ann", now=NOW).pk != run.pk


def test_a_lost_run_is_asked_for_again_and_nobody_waits_in_the_dark(checks, monkeypatch):
    asked = []
    monkeypatch.setattr(consistency_runs, "nudge", asked.append)
    run = ask(actor="Ann", now=NOW)
    assert not nobody_takes(run, NOW + SECOND)
    assert consistency_runs.resume_lost(now=NOW + SECOND) == 0
    assert nobody_takes(run, NOW + UNTAKEN + SECOND)
    assert consistency_runs.resume_lost(now=NOW + UNTAKEN + SECOND) == 1
    ConsistencyRun.objects.update(status="running")
    assert consistency_runs.resume_lost(now=NOW + UNHEARD) == 0
    assert consistency_runs.resume_lost(now=NOW + UNHEARD + SECOND) == 1
    assert asked == [run.pk, run.pk]


def test_the_page_says_that_no_worker_is_there(checks, admin_client):
    run = ask(actor="Ann", now=timezone.now() - 2 * UNTAKEN)
    address = reverse("admin:consistency_run", args=[run.pk])
    assert "No worker has taken it up." in admin_client.get(address).content.decode()
    ConsistencyRun.objects.update(heard_at=timezone.now())
    assert "No worker has taken it up." not in admin_client.get(address).content.decode()


def test_two_open_runs_are_refused_by_the_database(checks):
    ask(actor="Ann", now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsistencyRun.objects.create(asked_by="Bob", asked_at=NOW, heard_at=NOW)


def test_a_worker_carries_out_what_an_auditor_asked_for(
    worker, eventually, transactional_db, admin_client
):
    answer = admin_client.post(reverse("admin:check_consistency"))
    run = ConsistencyRun.objects.get()
    assert answer.url == reverse("admin:consistency_run", args=[run.pk])
    assert eventually(lambda: ConsistencyRun.objects.get().event_id)
    found = admin_client.get(answer.url, follow=True).content.decode()
    assert "Everything adds up" in found
