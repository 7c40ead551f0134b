"""An EDIFACT message taken apart into segments, data elements and components (ISO 9735).

A segment is found and split as a whole: a load profile has several hundred thousand, and a
tokenizer that goes by characters takes ten times as long.
"""

import re
from collections.abc import Iterator

from pydifact.control import Characters

from certificates.errors import MeterFileRefused

AGAIN = "Ask for it again."
CUT_OFF = f"The message is no EDIFACT: it is cut off. {AGAIN}"
# Stand for released marks while a segment is split; a message is Latin-1 and holds none of them.
STANDINS = "\ue000\ue001\ue002\ue003"
UNUSED = " "  # for a release character: there is none
_GAP = re.compile("[ \r\n]*")


def segments(text: str, marks: Characters) -> Iterator[list[list[str]]]:
    """Each segment as data elements of components, the first of which is its name.

    `text` is without its UNA segment. Raises: MeterFileRefused.
    """
    release = "" if marks.escape_character == UNUSED else marks.escape_character
    used = [release, marks.component_separator, marks.data_separator, marks.segment_terminator]
    if len(set(used)) < len(used):
        raise MeterFileRefused(
            f"The message is no EDIFACT: its UNA segment gives two marks one character. {AGAIN}"
        )
    standins = {f"{release}{mark}": one for mark, one in zip(used, STANDINS, strict=True)}
    restored = {ord(one): mark for mark, one in zip(used, STANDINS, strict=True)}
    start = 0
    while start < len(text):
        stop = _end(text, start, release, marks.segment_terminator)
        segment = text[start:stop]
        has_released = bool(release) and release in segment
        if has_released:
            for released, standin in standins.items():
                segment = segment.replace(released, standin)
            segment = segment.replace(release, "")
        parts = [
            element.split(marks.component_separator)
            for element in segment.split(marks.data_separator)
        ]
        if has_released:
            parts = [[one.translate(restored) for one in part] for part in parts]
        yield parts
        start = _end_of_gap(text, stop + 1)


def _end(text: str, start: int, release: str, terminator: str) -> int:
    """Where the segment that starts here ends: at a terminator that is not released."""
    stop = text.find(terminator, start)
    while stop >= 0:
        before = stop
        while release and before > start and text[before - 1] == release:
            before -= 1
        if (stop - before) % 2 == 0:
            return stop
        stop = text.find(terminator, stop + 1)
    raise MeterFileRefused(CUT_OFF)


def _end_of_gap(text: str, start: int) -> int:
    found = _GAP.match(text, start)
    return found.end() if found else start
