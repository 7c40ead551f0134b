"""One process of the tree: how it starts, what it says, how it stops."""

import codecs
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from config.supervisor.warden import signal_group

LEASH = Path(__file__).with_name("leash.py")
LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class Plan:
    """What to run under which name.

    `once` ends by itself and is not started again; `is_ready` answers whether others may
    count on it; `grace_s` is what it gets between SIGTERM and SIGKILL.
    """

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    directory: Path | None = None
    is_ready: Callable[[], bool] | None = None
    once: bool = False
    grace_s: float = 4.0


@dataclass(frozen=True)
class Line:
    """A piece of output; `lasting` unless the process goes on to write over it."""

    text: str
    lasting: bool


class Child:
    """A running process in a group of its own, tied to its parent's life."""

    def __init__(self, plan: Plan, *, terminal: bool = False) -> None:
        self.plan = plan
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        reader, writer = os.openpty() if terminal else os.pipe()
        os.set_blocking(reader, False)
        self.reader: int | None = reader
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-SE", str(LEASH), str(os.getpid()), *plan.command],
                stdin=subprocess.DEVNULL,
                stdout=writer,
                stderr=subprocess.STDOUT,
                cwd=plan.directory,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **plan.environment},
                process_group=0,
            )
        finally:
            os.close(writer)
        self.group = self._process.pid

    def lines(self) -> Iterator[Line]:
        """What it has said since the last call; the pipe is closed at its end."""
        while self.reader is not None:
            try:
                piece = os.read(self.reader, 65536)
            except BlockingIOError:
                break
            except OSError:  # a terminal reports its end as an error
                piece = b""
            if not piece:
                self.close()
            yield from self._split(self._decoder.decode(piece, final=not piece))
        if self.reader is None and self._rest:
            text, self._rest = self._rest, ""
            yield Line(text, lasting=True)

    def exit_code(self) -> int | None:
        """The exit code as a shell gives it (128 + signal), or None while it runs."""
        code = self._process.poll()
        return code if code is None or code >= 0 else 128 - code

    def ask_to_stop(self) -> None:
        """SIGTERM to the process alone: it knows best how to stop its own children."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to whatever is left of its group."""
        signal_group(self.group, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """Stop listening to it."""
        if self.reader is not None:
            os.close(self.reader)
            self.reader = None

    def _split(self, text: str) -> Iterator[Line]:
        self._rest += text
        start = 0
        for end in LINE_END.finditer(self._rest):
            if end.group() == "\r" and end.end() == len(self._rest):
                break  # it may be half of a line end
            yield Line(self._rest[start : end.start()], lasting=end.group() != "\r")
            start = end.end()
        self._rest = self._rest[start:]
