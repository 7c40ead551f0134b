"""One writer at a time."""

import os
from pathlib import Path

import pytest

from ledger.chain.writer_lock import WriterLock
from ledger.errors import ChainBusy


def test_a_second_writer_is_told_who_writes(tmp_path: Path) -> None:
    WriterLock(tmp_path / "chain").release()
    lock = WriterLock(tmp_path / "chain")
    with pytest.raises(ChainBusy, match=f"pid {os.getpid()}"):
        WriterLock(tmp_path / "chain")
    lock.check()
    lock.release()


def test_a_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    for _ in range(3):
        lock = WriterLock(tmp_path)
        lock.check()
        lock.release()


def test_a_writer_whose_lock_file_is_gone_or_another_stops(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path)
    (tmp_path / "writer.lock").unlink()
    with pytest.raises(ChainBusy, match="Restart"):
        lock.check()
    second = WriterLock(tmp_path)
    with pytest.raises(ChainBusy, match="Restart"):
        lock.check()
    second.check()
    lock.release()
    second.release()
