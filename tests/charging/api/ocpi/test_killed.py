"""A burst against the whole registry as it runs, while its processes are killed under it."""

import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from config.supervisor.plan import answers_http
from tests.charging.api.ocpi.conftest import TOKEN, cdr, word
from tests.config.management.commands.test_up import processes_of
from tests.config.supervisor.conftest import ROOT, wait_for

pytestmark = pytest.mark.once
CDRS, SENDERS = 400, 8
PATIENCE_S = 180  # a round of the sweep is a minute, and the machine may be busy
START_S = 360  # a busy machine takes minutes to make the tables alone
SENDER_WAITS_S = 30  # at most, on a busy machine; a queue that hangs is waited for for a few
CHARGES = "SELECT count(*), count(DISTINCT uid) FROM charging_session WHERE final"
CONNECT = """
import django; django.setup()
from datetime import datetime, UTC
from certificates.services import organisations, reference
from tests.charging.api.ocpi.conftest import connect
reference.load()
connect(organisations.register_organisation(
    name="Killed", slug="killed", roles=["charging_company"], now=datetime.now(UTC)), "BE*BEC")
"""


class Registry:
    """A running registry on a directory of its own."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.folder = port, folder

    def send(self, n: int) -> int:
        """Post the n-th CDR until it is answered; the status. A sender does the same."""
        whole = json.dumps(charge(n)).encode()
        head = {"Authorization": word(TOKEN), "Content-Type": "application/json"}
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as line:
                body = whole if n % 2 else iter((whole[:9], whole[9:]))  # half of them in chunks
                try:
                    line.request("POST", "/ocpi/2.2.1/cdrs", body, head)
                    answer = line.getresponse()
                    said = json.loads(answer.read())
                except (OSError, http.client.HTTPException):
                    time.sleep(0.1)
                    continue
            assert "timestamp" in said
            if answer.status != 503:
                assert said["status_code"] == 1000, said
                return answer.status
            time.sleep(0.5)
        raise AssertionError(f"CDR {n} was never answered")

    def signal(self, word_: str, what: signal.Signals = signal.SIGKILL) -> None:
        """Kill every process with this word in its command line at once, or stop it."""
        found = [pid for pid in self._processes() if word_ in command(pid)]
        assert found, word_
        for pid in found:
            os.kill(pid, what)

    def _processes(self) -> list[int]:
        """Those of this registry; the queue's server writes its title over its environment."""
        mark = str(self.folder / "queue.sock")
        titled = [
            int(each.name)
            for each in Path("/proc").glob("[0-9]*")
            if mark in command(int(each.name))
        ]
        return processes_of(self.folder) + titled

    def ask(self, statement: str) -> tuple[int, ...]:
        with closing(sqlite3.connect(self.folder / "registry.sqlite3", timeout=60)) as base:
            return tuple(base.execute(statement).fetchone())

    def keep_busy(self, seconds: float) -> None:
        """Let nobody else write for so long."""
        base = sqlite3.connect(self.folder / "registry.sqlite3", timeout=60, isolation_level=None)
        with closing(base):
            base.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            base.execute("ROLLBACK")


def command(pid: int) -> str:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().decode(errors="replace")
    except OSError:  # it has just ended
        return ""


def charge(n: int) -> dict[str, object]:
    """One of many charges, an hour each, at a charge point of its own."""
    made = cdr(f"C{n}", session_id=f"S{n}")
    made["cdr_location"]["evse_uid"] = f"E{n}"
    return made


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    inherited = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    mine = {
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "WEB_PROCESSES": "2",
    }
    command = [sys.executable, "manage.py", "up", "--no-demo", "--port", str(port)]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=inherited | mine, stdout=log, stderr=log)
    try:
        wait_for(
            lambda: answers_http("127.0.0.1", port) or process.poll() is not None,
            "the registry",
            START_S,
        )
        assert process.poll() is None, (tmp_path / "log").read_text()
        made = [sys.executable, "-c", CONNECT]
        subprocess.run(made, cwd=ROOT, env=inherited | mine, check=True, timeout=PATIENCE_S)
        yield Registry(port, tmp_path)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_S)


def test_whatever_is_killed_in_a_burst_each_charge_counts_once(registry):
    done = threading.Semaphore(0)

    def send(n: int) -> int:
        status = registry.send(n)
        done.release()
        return status

    with ThreadPoolExecutor(SENDERS) as pool:
        answers = [pool.submit(send, n) for n in range(CDRS)]
        for word_ in ("granian", "celery"):
            for _ in range(CDRS // 5):
                assert done.acquire(timeout=PATIENCE_S)
            registry.signal(word_)
        registry.keep_busy(3)
        statuses = Counter(job.result(timeout=PATIENCE_S) for job in answers)
    assert set(statuses) <= {200, 201}
    assert registry.ask("SELECT count(*), count(DISTINCT uid) FROM charging_cdr") == (CDRS, CDRS)
    wait_for(lambda: registry.ask(CHARGES) == (CDRS, CDRS), "every charge")
    assert registry.ask("SELECT count(*) FROM charging_receipt") == (CDRS,)
    assert registry.ask("SELECT count(*) FROM charging_cdr WHERE hold <> ''") == (0,)


@pytest.mark.parametrize("what", [signal.SIGKILL, signal.SIGSTOP])
def test_a_queue_that_dies_or_hangs_in_a_burst_costs_no_answer_and_no_charge(registry, what):
    done = threading.Semaphore(0)
    longest = [0.0]

    def send(n: int) -> int:
        start = time.monotonic()
        status = registry.send(n)
        longest[0] = max(longest[0], time.monotonic() - start)
        done.release()
        return status

    with ThreadPoolExecutor(SENDERS) as pool:
        answers = [pool.submit(send, n) for n in range(CDRS)]
        for _ in range(CDRS // 4):
            assert done.acquire(timeout=PATIENCE_S)
        registry.signal("valkey", what)
        statuses = Counter(job.result(timeout=PATIENCE_S) for job in answers)
    assert set(statuses) <= {200, 201}
    assert longest[0] < SENDER_WAITS_S
    assert registry.ask("SELECT count(*), count(DISTINCT uid) FROM charging_cdr") == (CDRS, CDRS)
    if what == signal.SIGSTOP:
        registry.signal("valkey", signal.SIGCONT)
    wait_for(lambda: registry.ask(CHARGES) == (CDRS, CDRS), "every charge")
    assert registry.ask("SELECT count(*) FROM charging_receipt") == (CDRS,)
