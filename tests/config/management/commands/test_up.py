"""The whole registry from one command, as processes."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.errors import AlreadyRunning, PortInUse
from config.management.commands.up import lock_data, require_free_port
from config.supervisor.plan import answers_http, registry_plans
from tests.config.supervisor.conftest import PATIENCE_S, ROOT, is_alive, wait_for

pytestmark = pytest.mark.once


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[[int], subprocess.Popen[bytes]]]:
    """Start `manage.py up` on an empty data directory; its words go to `log` there."""
    started: list[subprocess.Popen[bytes]] = []

    def start(port: int) -> subprocess.Popen[bytes]:
        inherited = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
        settings = {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
        with (tmp_path / "log").open("w") as log:
            command = [sys.executable, "manage.py", "up", "--no-demo", "--port", str(port)]
            started.append(
                subprocess.Popen(
                    command, cwd=ROOT, env=inherited | settings, stdout=log, stderr=log
                )
            )
        return started[-1]

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=PATIENCE_S)


def processes_of(data_dir: Path) -> list[int]:
    """Every living process whose environment names the data directory."""
    mark = f"DATA_DIR={data_dir}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except (OSError, ProcessLookupError):
            continue
    return [pid for pid in found if is_alive(pid)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_registry_answers_and_leaves_nothing_behind(up, free_port, tmp_path, number):
    process = up(free_port)
    log = tmp_path / "log"
    address = f"The registry is at http://localhost:{free_port}"
    wait_for(lambda: address in log.read_text() or process.poll() is not None, "the address")
    assert process.poll() is None, log.read_text()
    assert answers_http("127.0.0.1", free_port)
    assert len(processes_of(tmp_path)) >= 4
    process.send_signal(number)
    process.wait(timeout=PATIENCE_S)
    wait_for(lambda: not processes_of(tmp_path), "all processes to end")
    if number == signal.SIGTERM:
        assert process.returncode == 0
        assert log.read_text().endswith("Stopped.\n")


def test_a_port_in_use_is_a_sentence_and_exit_code_2(up, taken_port, tmp_path):
    assert up(taken_port).wait(timeout=PATIENCE_S) == 2
    text = (tmp_path / "log").read_text()
    assert text.startswith(f"Port {taken_port} on 127.0.0.1 cannot be used")
    assert len(text.splitlines()) == 1


def test_a_number_that_is_no_port_is_refused():
    with pytest.raises(PortInUse):
        require_free_port("127.0.0.1", 65536)


def test_a_second_tree_on_one_data_directory_is_refused_until_the_first_is_gone(tmp_path):
    with lock_data(tmp_path), pytest.raises(AlreadyRunning, match=str(os.getpid())):
        lock_data(tmp_path)
    lock_data(tmp_path).close()


def test_a_redis_of_ones_own_replaces_the_embedded_queue(settings):
    names = [plan.name for plan in registry_plans(host="127.0.0.1", port=1, demo=False)]
    assert names[0] == "queue"
    assert names[-1] == "web"
    settings.REDIS_URL = "redis://queue.example"
    names = [plan.name for plan in registry_plans(host="127.0.0.1", port=1, demo=False)]
    assert "queue" not in names
