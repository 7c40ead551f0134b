"""The writer's process ends with a sentence when it cannot go on, and waits for another writer."""

import pytest
from django.core.management import CommandError, call_command

from ledger.errors import StoreFull
from ledger.management.commands import chain_writer

pytestmark = pytest.mark.django_db


def test_a_full_disk_ends_the_writer_with_what_to_do(
    monkeypatch, data_dir, quick_keys, capsys
) -> None:
    def full(**_):
        raise StoreFull("The disk is full: make room and start again.")

    monkeypatch.setattr(chain_writer, "sweep", full)
    monkeypatch.setattr(chain_writer.signal, "signal", lambda *_: None)
    with pytest.raises(CommandError, match="make room"):
        call_command("chain_writer")
