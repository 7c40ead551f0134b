"""The lines of several processes on one terminal."""

import sys
from typing import TextIO

COLOURS = (36, 34, 32, 35, 33, 90)
WIDTH = 6


class Printer:
    """Writes whole lines, each behind the name of the process it comes from."""

    def __init__(self, stream: TextIO | None = None, *, colour: bool) -> None:
        self._stream: TextIO | None = stream or sys.stdout
        self._colour = colour
        self._names: list[str] = []
        self._unfinished = False

    def say(self, text: str = "") -> None:
        """A sentence of the parent's own, without a name before it."""
        self._write(f"{text}\n")

    def line(self, name: str, text: str) -> None:
        """One line of one process."""
        self._write(f"{self._prefix(name)}{text}\n")

    def progress(self, name: str, text: str) -> None:
        """A line that the process will write over; shown only where that can be done."""
        if self._colour:
            self._write(f"{self._prefix(name)}{text}")
            self._unfinished = True

    def _write(self, text: str) -> None:
        if self._unfinished:
            text = "\r\x1b[K" + text
            self._unfinished = False
        if self._stream is None:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except BrokenPipeError:  # a closed terminal is no reason to leave children behind
            self._stream = None

    def _prefix(self, name: str) -> str:
        if name not in self._names:
            self._names.append(name)
        label = f"{name:<{WIDTH}} | "
        if not self._colour:
            return label
        number = COLOURS[self._names.index(name) % len(COLOURS)]
        return f"\x1b[{number}m{label}\x1b[0m"
