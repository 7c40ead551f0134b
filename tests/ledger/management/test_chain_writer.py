"""The writer's process outlives a network that is away, says what it waits for, and why it ends."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ledger.errors import (
    ChainBusy,
    ChainReorganised,
    ChainUnfunded,
    ChainUnreachable,
    StoreFull,
)
from ledger.management.commands import chain_writer

AWAY, POOR = ChainUnreachable("The node is away."), ChainUnfunded("Send it more.")


def run(monkeypatch: pytest.MonkeyPatch, *troubles: Exception) -> str:
    """What the writer says on its way through these troubles, until one is fatal."""
    waiting = iter(troubles)

    def writer_turn():
        raise next(waiting)

    monkeypatch.setattr(chain_writer, "writer_turn", writer_turn)
    monkeypatch.setattr(chain_writer.time, "sleep", lambda _: None)
    monkeypatch.setattr(chain_writer.signal, "signal", lambda *_: None)
    said = StringIO()
    with pytest.raises(CommandError, match="dropped"):
        call_command("chain_writer", stderr=said)
    return said.getvalue()


FATAL = ChainReorganised("The network dropped what was final.")


def test_each_trouble_is_said_once_and_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    said = run(monkeypatch, AWAY, AWAY, AWAY, POOR, AWAY, FATAL)
    assert said.splitlines() == [str(AWAY), str(POOR), str(AWAY)]


def test_what_nobody_can_wait_for_ends_it_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, FATAL) == ""


def test_what_passes_by_itself_is_busy_to_all_who_ask() -> None:
    assert isinstance(AWAY, ChainBusy)
    assert isinstance(POOR, ChainBusy)


@pytest.mark.django_db
def test_a_full_disk_ends_the_writer_with_what_to_do(
    monkeypatch, data_dir, quick_keys, capsys
) -> None:
    def full(**_):
        raise StoreFull("The disk is full: make room and start again.")

    monkeypatch.setattr(chain_writer, "sweep", full)
    monkeypatch.setattr(chain_writer.signal, "signal", lambda *_: None)
    with pytest.raises(CommandError, match="make room"):
        call_command("chain_writer")
