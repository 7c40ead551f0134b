"""The embedded queue server."""

import stat
import subprocess
from pathlib import Path

import pytest

from config import queue
from config.errors import QueueUnavailable

pytestmark = pytest.mark.once


def test_the_server_answers_on_a_socket_that_only_its_owner_can_open(queue_server, settings):
    path = Path(settings.QUEUE_SOCKET)
    assert queue.answers(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_server_is_no_answer(tmp_path):
    assert not queue.answers(tmp_path / "queue.sock")


def test_a_socket_left_by_a_killed_server_is_taken_over(tmp_path, eventually):
    path = tmp_path / "queue.sock"
    for _ in range(2):
        server = subprocess.Popen(queue.command(path))
        eventually(lambda: queue.answers(path))
        server.kill()
        server.wait()
        assert path.exists()


def test_a_path_that_no_socket_can_have_is_refused_with_what_to_do():
    with pytest.raises(QueueUnavailable, match="shorter DATA_DIR"):
        queue.command(Path("/" + "d" * 107))
    assert queue.command(Path("/" + "d" * 106))
