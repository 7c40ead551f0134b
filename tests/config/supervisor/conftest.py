"""Real processes for the tests of the process tree."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 120


def wait_for(condition: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    """Wait until it holds; fail with a sentence when it does not in good time."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {patience_s} s in vain: {what}")
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in {"Z", "X"}


class Forest:
    """A running tree of stand-ins and what it leaves on disk."""

    def __init__(self, folder: Path, scenario: str) -> None:
        self.folder = folder
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.config.supervisor.forest", str(folder), scenario],
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def pids(self) -> dict[str, int]:
        return {path.stem: int(path.read_text()) for path in self.folder.glob("*.pid")}

    def stopped(self) -> list[str]:
        path = self.folder / "stopped"
        return path.read_text().split() if path.exists() else []

    def wait_for_line(self, text: str) -> None:
        wait_for(lambda: text in self.log.read_text(), f"{text!r} in {self.log.read_text()!r}")

    def end(self) -> None:
        """Whatever a failed test left behind."""
        self.process.kill()
        self.process.wait()
        for pid in self.pids().values():
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Callable[[str], Forest]]:
    """Start a tree of a scenario; ended with the test."""
    forests: list[Forest] = []

    def start(scenario: str) -> Forest:
        forests.append(Forest(tmp_path, scenario))
        return forests[-1]

    yield start
    for forest in forests:
        forest.end()
