"""Ranges of serial numbers, and which of them meet.

A serial has up to 40 digits; as text it is padded with zeros to 40, so that texts compare as
the numbers do in any database.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import merge

DIGITS = 40


@dataclass(frozen=True, slots=True)
class SerialRange:
    """Serials [first, last], both included; `place` says where they stand."""

    first: int
    last: int
    place: str

    def meets(self, other: "SerialRange") -> bool:
        """Whether a serial is in both."""
        return self.first <= other.last and other.first <= self.last


def padded(serial: int) -> str:
    """The serial with 40 digits. Raises: ValueError when it has more, or is below zero."""
    text = f"{serial:0{DIGITS}d}"
    if serial < 0 or len(text) != DIGITS:
        raise ValueError(f"serial {serial} does not fit {DIGITS} digits")
    return text


def meetings(
    new: Iterable[SerialRange], known: Iterable[SerialRange] = ()
) -> Iterator[tuple[SerialRange, SerialRange]]:
    """Each new range that meets a known one, or a new one with lower serials; with that one.

    The known ranges do not meet each other. Every new range that meets any is told, once.
    """
    in_order = merge(
        ((one.first, 0, one) for one in sorted(known, key=_first)),
        ((one.first, 1, one) for one in sorted(new, key=_first)),
        key=lambda item: item[:2],
    )
    reaching: SerialRange | None = None  # of those so far, the one that ends last
    waiting: SerialRange | None = None  # a new range that ends last and met nothing so far
    for _, is_new, one in in_order:
        if reaching is not None and reaching.meets(one):
            if is_new:
                yield one, reaching
            elif waiting is not None and waiting.meets(one):
                yield waiting, one
                waiting = None
        elif is_new:
            waiting = one
        if reaching is None or one.last > reaching.last:
            reaching = one


def _first(one: SerialRange) -> int:
    return one.first
