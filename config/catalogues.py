"""Catalogues of translated sentences: from the text that people edit to the form that is read.

The registry runs where no gettext is installed, so it writes the binary form itself. Format:
GNU gettext manual, "The Format of GNU MO Files".
"""

import ast
import struct
from dataclasses import dataclass, field

MAGIC = 0x950412DE
HEADER_WORDS = 7
CONTEXT_END, PLURAL_END = "\x04", "\x00"


class UnreadableCatalogue(ValueError):
    """A line of a catalogue is not what the format has there."""


@dataclass(slots=True)
class _Entry:
    context: str | None = None
    source: list[str] = field(default_factory=list)
    translations: list[str] = field(default_factory=list)
    fuzzy: bool = False

    @property
    def key(self) -> str:
        text = PLURAL_END.join(self.source)
        return text if self.context is None else f"{self.context}{CONTEXT_END}{text}"


def read(text: str) -> dict[str, str]:
    """Every translated message of a .po file by its key, as the binary form has both.

    What is marked fuzzy or left empty is not translated. Raises: UnreadableCatalogue.
    """
    found: dict[str, str] = {}
    for entry in _entries(text):
        if entry.translations and all(entry.translations) and not entry.fuzzy:
            if entry.key in found:
                raise UnreadableCatalogue(f"{entry.source[0]!r} is there twice.")
            found[entry.key] = PLURAL_END.join(entry.translations)
    return found


def compile_catalogue(text: str) -> bytes:
    """The .mo file of a .po file. Raises: UnreadableCatalogue."""
    messages = sorted((k.encode(), v.encode()) for k, v in read(text).items())
    count = len(messages)
    keys_at = HEADER_WORDS * 4
    values_at = keys_at + 8 * count
    offset = values_at + 8 * count
    tables: list[list[int]] = [[], []]
    pool = b""
    for column in (0, 1):
        for message in messages:
            tables[column] += [len(message[column]), offset + len(pool)]
            pool += message[column] + b"\0"
    head = struct.pack("<7I", MAGIC, 0, count, keys_at, values_at, 0, offset)
    return head + struct.pack(f"<{4 * count}I", *tables[0], *tables[1]) + pool


def _entries(text: str) -> list[_Entry]:
    entries: list[_Entry] = []
    entry, place = _Entry(), _Place()
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        line = line.strip()
        if not line:
            if entry.source:
                entries.append(entry)
            entry, place = _Entry(), _Place()
        elif line.startswith("#"):
            entry.fuzzy |= line.startswith("#,") and "fuzzy" in line
        else:
            place.take(entry, line, number)
    return entries


class _Place:
    """Where the next quoted line belongs."""

    def __init__(self) -> None:
        self._into = ""

    def take(self, entry: _Entry, line: str, number: int) -> None:
        if not line.startswith('"'):
            self._into, _, line = line.partition(" ")
            self._open(entry, number)
        try:
            value = ast.literal_eval(line)
        except (SyntaxError, ValueError) as error:
            raise UnreadableCatalogue(f"line {number}: {line!r} is not a quoted text.") from error
        if self._into == "msgctxt":
            entry.context = (entry.context or "") + value
        else:
            parts = entry.source if self._into.startswith("msgid") else entry.translations
            parts[-1] += value

    def _open(self, entry: _Entry, number: int) -> None:
        if self._into in ("msgid", "msgid_plural"):
            entry.source.append("")
        elif self._into.startswith("msgstr"):
            entry.translations.append("")
        elif self._into != "msgctxt":
            raise UnreadableCatalogue(f"line {number}: {self._into!r} is no word of a catalogue.")
