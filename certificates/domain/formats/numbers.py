"""Decimal numbers with a point or a comma, exactly, as millionths of a Wh or W."""

import re
from collections.abc import Callable, Sequence

from certificates.domain.meter_values import LARGEST_WH, PLACES, Unreadable, millionths

_GROUPED = {
    ".": re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:,\d{3}|\.\d*)"),
    ",": re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:\.\d{3}|,\d*)"),
}
_COMMA = re.compile(r"[+-]?\d*,\d*")
_SPACES = re.compile(r"(?<=\d)[ '\u2019\u00a0\u202f](?=\d{3})")
_POINTED = re.compile(r"[+-]?\d*\.\d+")


def reader(unit: str, decimal: str, most_wh: int = LARGEST_WH) -> Callable[[str], int]:
    """A function from text to millionths of a Wh or W; it raises Unreadable."""
    places = PLACES[unit]
    if decimal == ".":

        def with_point(text: str) -> int:
            try:
                return millionths(text, places, most_wh)
            except Unreadable:
                spaced = _SPACES.sub("", text)
                if _GROUPED["."].fullmatch(spaced):
                    spaced = spaced.replace(",", "")
                if spaced == text:
                    raise
                return millionths(spaced, places, most_wh)

        return with_point

    def with_comma(text: str) -> int:
        spaced = _SPACES.sub("", text)
        if _COMMA.fullmatch(spaced):
            return millionths(spaced.replace(",", "."), places, most_wh)
        if _GROUPED[","].fullmatch(spaced):
            return millionths(spaced.replace(".", "").replace(",", "."), places, most_wh)
        if _POINTED.fullmatch(spaced):
            raise Unreadable("has a point; in this file decimals are written with a comma")
        return millionths(spaced, places, most_wh)

    return with_comma


def decimal_of(texts: Sequence[str]) -> str:
    """The decimal sign that a column uses: a comma only where no value speaks against it."""
    grouped = [text for text in texts if "," in text and "." in text]
    for decimal, form in _GROUPED.items():
        if any(form.fullmatch(text) for text in grouped):
            return decimal
    commas = sum(1 for text in texts if _COMMA.fullmatch(text) and "," in text)
    points = sum(1 for text in texts if _POINTED.fullmatch(text))
    return "," if commas and not points else "."
