"""Many line numbers in few words."""

from collections.abc import Sequence
from itertools import groupby


def ranges(lines: Sequence[int]) -> str:
    """Ascending numbers as ranges: 3, 4, 5 and 9 are "3-5, 9"."""
    parts = []
    for _, run in groupby(enumerate(lines), key=lambda item: item[1] - item[0]):
        numbers = [number for _, number in run]
        first, last = numbers[0], numbers[-1]
        parts.append(str(first) if first == last else f"{first}-{last}")
    return ", ".join(parts)
