"""A file of messages or objects with only some of its values, to correct and send again.

Everything that says what the values are stays as it stands: registers, kinds, headers.
"""

import io
import json
import re
from collections.abc import Container, Iterator
from typing import BinaryIO
from xml.parsers.expat import ParserCreate

from certificates.domain.formats import json_readings

PIECE = 1 << 20
READING = "IntervalReading"


def json_kept(stream: BinaryIO, wanted: Container[int]) -> Iterator[bytes]:
    """The readings at these places of the list, counted from 1. Raises: MeterFileRefused."""
    items = enumerate(json_readings.items_of(stream), start=1)
    readings = [item for place, item in items if place in wanted]
    yield json.dumps({"readings": readings}, indent=1, ensure_ascii=False).encode()


def mscons_kept(stream: BinaryIO, wanted: Container[int]) -> Iterator[bytes]:
    """The message with the quantities of these segments, counted from 1, and their times."""
    stream.seek(0)
    is_left_out = False
    for number, segment in enumerate(_segments(stream.read()), start=1):
        tag = segment.strip()[:3]
        if tag == b"QTY":
            is_left_out = number not in wanted
        elif tag != b"DTM":
            is_left_out = False
        if not is_left_out:
            yield segment


def _segments(content: bytes) -> Iterator[bytes]:
    """Each with its terminator; the UNA segment says which mark ends one and which escapes."""
    content = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    escape, end = b"?", b"'"
    if content.startswith(b"UNA"):
        escape, end = content[6:7], content[8:9]
        yield content[:9]
        content = content[9:]
    escape, end = re.escape(escape), re.escape(end)
    pattern = rb"(?:%b.|[^%b%b])*%b" % (escape, escape, end, end)
    for found in re.finditer(pattern, content, re.DOTALL):
        yield found[0]


def espi_kept(stream: BinaryIO, wanted: Container[int]) -> Iterator[bytes]:
    """The feed with the interval readings that begin on these lines, counted from 1."""
    start = 0
    for left_out, goes_on in _left_out(stream, wanted):
        yield from _pieces(stream, start, left_out)
        start = goes_on
    yield from _pieces(stream, start, stream.seek(0, io.SEEK_END))


def _left_out(stream: BinaryIO, wanted: Container[int]) -> list[tuple[int, int]]:
    """Where the other interval readings begin and end, in bytes."""
    parser = ParserCreate(namespace_separator=" ")
    found: list[tuple[int, int]] = []
    begun: list[int] = []
    ended: list[int] = []

    def close() -> None:
        if ended:  # the first event after its end tag tells where that tag ends
            found.append((ended.pop(), parser.CurrentByteIndex))

    def start(name: str, _: object) -> None:
        close()
        if name.rpartition(" ")[2] == READING and parser.CurrentLineNumber not in wanted:
            begun.append(parser.CurrentByteIndex)

    def end(name: str) -> None:
        close()
        if name.rpartition(" ")[2] == READING and begun:
            ended.append(begun.pop())

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = lambda _: close()
    stream.seek(0)
    parser.ParseFile(stream)
    return found


def _pieces(stream: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    stream.seek(start)
    while piece := stream.read(min(PIECE, end - start)):
        yield piece
        start += len(piece)
