"""Decimal numbers with a point or a comma, exactly, as millionths of a Wh or W."""

import re
from collections.abc import Callable, Sequence

from certificates.domain.meter_values import (
    LARGEST_WH,
    PLACES,
    UWH_IN_WH,
    Unreadable,
    millionths,
)

_GROUPED = {
    ".": re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:,\d{3}|\.\d*)"),
    ",": re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:\.\d{3}|,\d*)"),
}
_COMMA = re.compile(r"[+-]?\d*,\d*")
_SPACES = re.compile(r"(?<=\d)[ '\u2019\u00a0\u202f](?=\d{3})")
PLAIN_DIGITS = 15  # before the decimal sign
PLAIN_LETTERS = 40  # of one number, as with any
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


def plain_reader(
    unit: str, decimal: str, most_wh: int = LARGEST_WH
) -> Callable[[Sequence[str]], list[int] | None]:
    """A function that reads many texts as `reader` does each; None unless all are plain.

    Plain are digits and one decimal sign, a number below zero without a digit to round.
    """
    places = PLACES[unit]
    sign, zeros = re.escape(decimal), "0" * places
    finest = PLAIN_LETTERS - PLAIN_DIGITS - 1
    one = rf"[0-9]{{1,{PLAIN_DIGITS}}}(?:{sign}[0-9]{{0,{finest}}})?"
    below = rf"-[0-9]{{1,{PLAIN_DIGITS}}}(?:{sign}[0-9]{{0,{places}}})?"
    plain = re.compile(rf"(?:(?:{one}|{below})\n)*")
    most = most_wh * UWH_IN_WH

    def many(texts: Sequence[str]) -> list[int] | None:
        lines = "\n".join(texts) + "\n"
        if lines.count("\n") != len(texts) or not plain.fullmatch(lines):
            return None
        parts = [text.partition(decimal) for text in texts]
        amounts = [int((whole + part + zeros)[: len(whole) + places]) for whole, _, part in parts]
        return amounts if -most <= min(amounts) and max(amounts) <= most else None

    return many


def decimal_of(texts: Sequence[str]) -> str:
    """The decimal sign that a column uses: a comma only where no value speaks against it."""
    grouped = [text for text in texts if "," in text and "." in text]
    for decimal, form in _GROUPED.items():
        if any(form.fullmatch(text) for text in grouped):
            return decimal
    commas = sum(1 for text in texts if _COMMA.fullmatch(text) and "," in text)
    points = sum(1 for text in texts if _POINTED.fullmatch(text))
    return "," if commas and not points else "."
