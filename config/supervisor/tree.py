"""Start processes in order, keep them running, stop them in the opposite order."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from types import FrameType

from config.supervisor.child import Child, Plan
from config.supervisor.output import Printer

WARDEN = Path(__file__).with_name("warden.py")
TICK_S = 0.1
READY_WITHIN_S = 60.0
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
STEADY_AFTER_S = 60.0


@dataclass
class Seat:
    """A place in the tree: its plan, who sits there, and when the next one may."""

    plan: Plan
    child: Child | None = None
    started_at: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    next_start: float = 0.0
    done: bool = False


class Tree:
    """The parent of all processes.

    `on_ready` is called once, when every plan that must be ready is; the plans marked
    `once` start after that, and `on_done(name, lines, exit_code)` tells of their end.
    """

    def __init__(
        self,
        plans: list[Plan],
        printer: Printer,
        *,
        on_ready: Callable[[], None],
        on_done: Callable[[str, list[str], int], None],
        terminal: bool = False,
    ) -> None:
        self._seats = [Seat(plan) for plan in plans]
        self._printer = printer
        self._on_ready = on_ready
        self._on_done = on_done
        self._terminal = terminal
        self._selector = DefaultSelector()
        self._said: dict[str, list[str]] = {}
        self._signals = 0
        self._warden = subprocess.Popen(
            [sys.executable, "-SE", str(WARDEN)], stdin=subprocess.PIPE, start_new_session=True
        )

    def run(self) -> None:
        """Run until SIGINT, SIGTERM or SIGHUP; leave nothing behind."""
        with self._listening():
            try:
                self._start_all()
                while not self._signals:
                    self._tick()
            finally:
                self._stop_all()
                self._dismiss_warden()

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = [signal.signal(number, self._count_signal) for number in numbers]
        try:
            yield
        finally:
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)

    def _count_signal(self, number: int, frame: FrameType | None) -> None:
        self._signals += 1

    def _start_all(self) -> None:
        lasting = [seat for seat in self._seats if not seat.plan.once]
        for seat in lasting:
            self._start(seat)
            self._wait_until_ready(seat)
        if self._signals:
            return
        self._on_ready()
        for seat in self._seats:
            if seat.plan.once:
                self._start(seat)

    def _wait_until_ready(self, seat: Seat) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while seat.plan.is_ready and not self._signals and not seat.plan.is_ready():
            self._tick()
            if time.monotonic() > deadline:
                self._printer.say(f"{seat.plan.name} is not ready after {READY_WITHIN_S:.0f} s.")
                return

    def _start(self, seat: Seat) -> None:
        child = Child(seat.plan, terminal=self._terminal and seat.plan.once)
        self._tell_warden(f"+{child.group}")
        seat.child, seat.started_at = child, time.monotonic()
        if child.reader is not None:
            self._selector.register(child.reader, EVENT_READ, seat)

    def _tick(self) -> None:
        """Wait a moment for output, pass it on, and look who is gone or due."""
        for key, _ in self._selector.select(TICK_S):
            self._pass_on(key.data)
        now = time.monotonic()
        for seat in self._seats:
            if seat.child and seat.child.exit_code() is not None:
                self._handle_end(seat, seat.child, now)
            elif not seat.child and seat.next_start and now >= seat.next_start:
                seat.next_start = 0.0
                self._start(seat)

    def _pass_on(self, seat: Seat) -> None:
        child = seat.child
        if not child or child.reader is None:
            return
        reader, name = child.reader, seat.plan.name
        for line in child.lines():
            if not line.lasting:
                self._printer.progress(name, line.text)
                continue
            self._printer.line(name, line.text)
            if seat.plan.once:
                self._said.setdefault(name, []).append(line.text)
        if child.reader is None:
            self._selector.unregister(reader)

    def _handle_end(self, seat: Seat, child: Child, now: float) -> None:
        code = child.exit_code() or 0
        self._dismiss(seat, child)
        name = seat.plan.name
        if seat.plan.once:
            seat.done = True
            self._on_done(name, self._said.pop(name, []), code)
            return
        if now - seat.started_at > STEADY_AFTER_S:
            seat.pause_s = FIRST_PAUSE_S
        self._printer.say(
            f"{name} ended with exit code {code}; it starts again in {seat.pause_s:.0f} s."
        )
        seat.next_start = now + seat.pause_s
        seat.pause_s = min(seat.pause_s * 2, LONGEST_PAUSE_S)

    def _dismiss(self, seat: Seat, child: Child) -> None:
        """Take leave of a process that has ended, and of what it left in its group."""
        child.kill()
        self._pass_on(seat)
        if child.reader is not None:
            self._selector.unregister(child.reader)
            child.close()
        self._tell_warden(f"-{child.group}")
        seat.child = None

    def _stop_all(self) -> None:
        heard = self._signals
        for seat in reversed(self._seats):
            child = seat.child
            if not child:
                continue
            child.ask_to_stop()
            deadline = time.monotonic() + seat.plan.grace_s
            while child.exit_code() is None and time.monotonic() < deadline:
                if self._signals > heard:  # asked twice: do not wait
                    break
                for key, _ in self._selector.select(TICK_S):
                    self._pass_on(key.data)
            self._dismiss(seat, child)

    def _tell_warden(self, text: str) -> None:
        if self._warden.stdin:
            with contextlib.suppress(BrokenPipeError):  # killed by hand: the leashes remain
                os.write(self._warden.stdin.fileno(), f"{text}\n".encode())

    def _dismiss_warden(self) -> None:
        if self._warden.stdin:
            self._warden.stdin.close()
        self._warden.wait()
