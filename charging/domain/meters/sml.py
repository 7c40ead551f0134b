"""Smart Message Language (BSI TR-03109-1, annex IV): enough of it to read one signed list.

A file is framed by escapes; a message is a list of values, each a byte of type and length
and what follows. What is optional and left out is an empty text of bytes.
"""

from collections.abc import Iterator
from typing import Any

from charging.errors import MalformedRecord

ESCAPE = b"\x1b\x1b\x1b\x1b"
START = ESCAPE + b"\x01\x01\x01\x01"
END = ESCAPE + b"\x1a"
OCTETS, BOOLEAN, INTEGER, UNSIGNED, LIST = 0, 4, 5, 6, 7
DEEPEST = 8
MORE = 0x80  # of a length: it goes on in the next byte
END_OF_MESSAGE = 0
GET_LIST_RESPONSE = 0x0701
MESSAGE_PARTS, BODY = 6, 3


def messages(data: bytes) -> Iterator[tuple[int, list[Any]]]:
    """Kind and content of each message of a file. Raises: MalformedRecord."""
    if not data.startswith(START):
        raise MalformedRecord("An SML file begins with 1B1B1B1B01010101.")
    inner = _unframed(data[len(START) :])
    at = 0
    while at < len(inner):
        if inner[at] == END_OF_MESSAGE:  # between messages, and to fill up the last four bytes
            at += 1
            continue
        message, at = _value(inner, at, DEEPEST)
        if not isinstance(message, list) or len(message) != MESSAGE_PARTS:
            raise MalformedRecord("An SML message has six parts.")
        kind, content = _choice(message[BODY])
        if isinstance(content, list):
            yield kind, content


def _choice(value: Any) -> tuple[int, Any]:
    """A value whose kind stands before it."""
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[0], int):
        raise MalformedRecord("A choice of SML has a kind and a value.")
    return value[0], value[1]


def _unframed(data: bytes) -> bytes:
    """Up to the closing escape, with escapes that are data taken back to four bytes."""
    found = bytearray()
    at = 0
    while at < len(data):
        if data.startswith(ESCAPE, at):
            if data.startswith(ESCAPE, at + 4):
                found += ESCAPE
                at += 8
                continue
            if data.startswith(END, at):
                return bytes(found)
            raise MalformedRecord("An escape inside of the SML file is not known.")
        found.append(data[at])
        at += 1
    raise MalformedRecord("The SML file breaks off before its end.")


def _value(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    kind, length, begin = _head(data, at)
    if kind == LIST:
        if not depth:
            raise MalformedRecord("The SML file is nested too deeply.")
        values = []
        for _ in range(length):
            value, begin = _value(data, begin, depth - 1)
            values.append(value)
        return values, begin
    if (kind, length) == (OCTETS, 0):  # the mark that ends a message
        return None, begin
    end = at + length  # which counts the bytes of type and length too
    if length < 1 or end > len(data) or end < begin:
        raise MalformedRecord("A value of the SML file is longer than the file.")
    content = data[begin:end]
    if kind == OCTETS:
        return content, end
    if kind == BOOLEAN and len(content) == 1:
        return content != b"\x00", end
    if kind in (INTEGER, UNSIGNED) and 1 <= len(content) <= 8:
        return int.from_bytes(content, signed=kind == INTEGER), end
    raise MalformedRecord(f"The SML file has a value of the unknown kind {kind}.")


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """Kind, length and where the content begins; a list's length counts its values."""
    if at >= len(data):
        raise MalformedRecord("The SML file breaks off in a value.")
    first = data[at]
    kind, length = first >> 4 & 7, first & 15
    at += 1
    while data[at - 1] & MORE:
        if at >= len(data) or length > len(data):
            raise MalformedRecord("A length in the SML file makes no sense.")
        length = length << 4 | data[at] & 15
        at += 1
    if length > len(data):
        raise MalformedRecord("A length in the SML file is longer than the file.")
    return kind, length, at
