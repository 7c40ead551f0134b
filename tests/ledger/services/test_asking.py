"""Work is handed to a queue, or it is said that there is none, without holding anybody up."""

import socket
import time

from celery import current_app, shared_task

from ledger.services.asking import ask


@shared_task(name="tests.nothing")
def nothing():
    """Nothing is done."""


def test_a_queue_that_is_there_takes_the_work(monkeypatch):
    monkeypatch.setattr(current_app.conf, "broker_url", "memory://")
    assert ask(nothing.si())


def test_a_queue_that_hangs_holds_nobody_up_for_long(monkeypatch, tmp_path, caplog):
    """It listens, and never answers."""
    caplog.set_level("INFO")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as silent:
        silent.bind(str(tmp_path / "q"))
        silent.listen()
        monkeypatch.setattr(current_app.conf, "broker_url", f"redis+socket://{tmp_path / 'q'}")
        began = time.monotonic()
        assert not ask(nothing.si())
    assert time.monotonic() - began < 15
    assert "asks for tests.nothing() again" in caplog.text


def test_a_queue_that_is_not_there_is_said_so(monkeypatch, tmp_path):
    monkeypatch.setattr(current_app.conf, "broker_url", f"redis+socket://{tmp_path / 'none'}")
    assert not ask(nothing.si())
