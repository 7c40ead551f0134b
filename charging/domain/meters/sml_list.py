"""The one list of values in a meter's SML file, its entries by name."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from charging.domain.meters import sml
from charging.errors import MalformedRecord

ENTRY_PARTS, LIST_PARTS = 7, 7
STATUS, TIME, UNIT, SCALE, VALUE, SIGNATURE = 1, 2, 3, 4, 5, 6
MOST_AHEAD = 14 * 60  # minutes ahead of UTC, anywhere on Earth


@dataclass(frozen=True, slots=True)
class SignedList:
    """What the list holds; its values are as the file has them."""

    server: bytes
    name: bytes
    shown: Any
    entries: dict[bytes, list[Any]]
    signature: bytes

    def whole(self, name: bytes, part: int) -> int:
        """A number of an entry. Raises: MalformedRecord."""
        value = self.entries[name][part]
        if isinstance(value, bool) or not isinstance(value, int):
            raise MalformedRecord("A number of an EDL40 record is none.")
        return value

    def register(self, name: bytes) -> tuple[int, int, int]:
        """Unit, scale and value of an entry. Raises: MalformedRecord."""
        unit, scale, value = (self.whole(name, part) for part in (UNIT, SCALE, VALUE))
        return unit, scale, value

    def clock(self, name: bytes) -> tuple[int, timedelta]:
        """The same as `clock_of` of an entry's time."""
        return clock_of(self.entries[name][TIME])


def read_list(data: bytes) -> SignedList:
    """Raises: MalformedRecord unless the file holds one list with a signature."""
    found = [body for kind, body in sml.messages(data) if kind == sml.GET_LIST_RESPONSE]
    if len(found) != 1 or len(found[0]) != LIST_PARTS:
        raise MalformedRecord("An EDL40 record holds one list of values.")
    _, server, name, shown, values, signature, _ = found[0]
    for part, what in ((server, "meter's number"), (name, "list's name"), (signature, "signature")):
        if not isinstance(part, bytes):
            raise MalformedRecord(f"The {what} of an EDL40 record is none.")
    return SignedList(server, name, shown, _entries(values), signature)


def clock_of(time: Any) -> tuple[int, timedelta]:
    """What the meter's local clock shows, in seconds since 1970, and how far it is ahead of UTC.

    Raises: MalformedRecord.
    """
    match time:
        case [2, int(stamp)]:
            return stamp, timedelta(0)
        case [3, [int(stamp), int(offset), int(season)]]:
            minutes = check_ahead(offset + season)
            return stamp + minutes * 60, timedelta(minutes=minutes)
    raise MalformedRecord("A time of an EDL40 record is no time stamp.")


def check_ahead(minutes: int) -> int:
    """Minutes that a clock may be ahead of UTC. Raises: MalformedRecord."""
    if abs(minutes) > MOST_AHEAD:
        raise MalformedRecord("The clock of an EDL40 record is further from UTC than any place.")
    return minutes


def _entries(values: Any) -> dict[bytes, list[Any]]:
    """The list's entries by name; one that stands twice is malformed."""
    if not isinstance(values, list):
        raise MalformedRecord("An EDL40 record holds a list of values.")
    entries: dict[bytes, list[Any]] = {}
    for entry in values:
        if not isinstance(entry, list) or len(entry) != ENTRY_PARTS:
            raise MalformedRecord("A value of an EDL40 record has seven parts.")
        if not isinstance(entry[0], bytes) or entry[0] in entries:
            raise MalformedRecord("A value of an EDL40 record has no name, or one that is taken.")
        entries[entry[0]] = entry
    return entries
