"""What fails in a burst of CDRs hinders no other: workers, the queue, the database, one of many."""

from datetime import timedelta
from typing import Any

import pytest
from kombu.exceptions import OperationalError as QueueError

from charging.api.ocpi import cdrs as view
from charging.models import Cdr, CdrRating, Receipt, Session
from charging.services.ocpi import cdr_batches
from charging.services.ocpi.cdr_batches import place_all
from charging.services.reconciling import reconcile_waiting
from charging.tasks import place_cdrs, reconcile, sweep
from tests.charging.api.ocpi.conftest import NOW
from tests.charging.api.ocpi.test_burst import burst, charge
from tests.charging.api.ocpi.test_cdrs import code

__all__ = ["burst"]


@pytest.mark.parametrize("task", [place_cdrs, sweep, reconcile])
def test_what_a_killed_process_left_is_found_by_every_round(peer, burst, task):
    for n in range(6):
        peer("post", "cdrs", charge(n))
    task()
    assert Session.objects.filter(final=True).count() == 6


def test_the_queue_is_asked_once_a_second_and_its_silence_is_no_error(
    peer, burst, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    def refuse(countdown: float, *, retry: bool) -> None:
        raise QueueError(f"nobody takes it in {countdown} s")

    monkeypatch.setattr(view.place_cdrs, "apply_async", refuse)
    now = [NOW]
    monkeypatch.setattr(view.OcpiView, "now", property(lambda _: now[0]))
    with django_capture_on_commit_callbacks(execute=True) as asked:
        answers = [peer("post", "cdrs", charge(n)) for n in range(4)]
    assert {code(answer) for answer in answers} == {(201, 1000)}
    assert len(asked) == 1
    assert "the sweep will place" in caplog.text
    for later, times in ((10, 0), (31, 1)):  # looking for it again takes its time
        now[0] = NOW + timedelta(seconds=later)
        with django_capture_on_commit_callbacks(execute=True) as asked:
            assert code(peer("post", "cdrs", charge(later))) == (201, 1000)
        assert len(asked) == times


def test_one_that_cannot_be_read_hinders_no_other(peer, burst, caplog):
    for n in range(8):
        peer("post", "cdrs", charge(n))
    Cdr.objects.filter(uid="C0").update(body=b"not sealed by us, and long enough to look so")
    assert place_all(now=NOW) == 7
    assert "cannot be read" in caplog.text
    assert Cdr.objects.get(uid="C0").hold == Cdr.TO_PLACE
    assert Session.objects.count() == 7


def test_one_that_cannot_be_placed_hinders_no_other(peer, burst, caplog, monkeypatch):
    monkeypatch.setattr(cdr_batches, "FEW", 100)  # one by one
    for n in range(5):
        peer("post", "cdrs", charge(n))
    whole = cdr_batches.place

    def place(one: Cdr, *facts: Any, **named: Any) -> None:
        whole(one, *facts, **named)
        if one.uid == "C2":
            raise KeyError("what nobody foresaw, after its rows were written")

    monkeypatch.setattr(cdr_batches, "place", place)
    assert place_all(now=NOW) == 4
    assert "could not be placed" in caplog.text
    assert Cdr.objects.get(uid="C2").hold == Cdr.TO_PLACE
    assert Session.objects.count() == Receipt.objects.count() == 4


def test_a_batch_that_the_database_refuses_is_placed_one_by_one(peer, burst, caplog, monkeypatch):
    for n in range(6):
        peer("post", "cdrs", charge(n))
    real = cdr_batches.open_for

    def twice(**named: Any) -> None:
        real(**named)
        real(**named)  # a second receipt of one version, which the database refuses

    monkeypatch.setattr(cdr_batches, "open_for", twice)
    assert place_all(now=NOW) == 6
    assert "could not be recorded together" in caplog.text
    assert Session.objects.count() == Receipt.objects.count() == 6


def test_one_that_cannot_be_reconciled_hinders_no_other(peer, burst, caplog):
    for n in range(6):
        peer("post", "cdrs", charge(n))
    place_all(now=NOW)
    Cdr.objects.filter(uid="C0").update(body=b"not sealed by us, and long enough to look so")
    assert reconcile_waiting(now=NOW) == 6
    assert "could not be reconciled" in caplog.text
    assert list(Cdr.objects.filter(reconciled_at=None).values_list("uid", flat=True)) == ["C0"]
    assert CdrRating.objects.count() == 5
