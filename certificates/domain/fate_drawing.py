"""The way of energy as a picture: what was issued, where it is now, for whom it was used.

Three columns of bars, joined by ribbons as high as what flows; pure geometry for one SVG.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600, 240
BAR, GAP = 18, 8


@dataclass(frozen=True, slots=True)
class Shape:
    """One path of the picture; `kind` names what it stands for."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Bars above ribbons, in a picture of WIDTH by `height`."""

    bars: Sequence[Shape]
    ribbons: Sequence[Shape]
    height: float = HEIGHT
    width: int = WIDTH


def fate_picture(
    places: Sequence[tuple[str, int]], parted: str, uses: Sequence[int]
) -> Picture | None:
    """Where all of it is (kind and Wh, in order), and how the kind `parted` divides into uses.

    The uses add up to what is parted, or less. None where there is nothing to draw.
    """
    shown = [(kind, wh) for kind, wh in places if wh > 0]
    total = sum(wh for _, wh in shown)
    if not total:
        return None
    scale = HEIGHT / total
    middle, last = (WIDTH - BAR) / 2, float(WIDTH - BAR)
    bars = [Shape("all", _bar(0, 0, HEIGHT))]
    ribbons = []
    left = right = 0.0
    tops = {}
    for kind, wh in shown:
        tall = wh * scale
        bars.append(Shape(kind, _bar(middle, right, tall)))
        ribbons.append(Shape(kind, _ribbon((BAR, left), (middle, right), tall)))
        tops[kind] = right
        left += tall
        right += tall + GAP
    if parted in tops:
        here = there = tops[parted]
        for wh in uses:
            tall = wh * scale
            bars.append(Shape(parted, _bar(last, there, tall)))
            ribbons.append(Shape(parted, _ribbon((middle + BAR, here), (last, there), tall)))
            here += tall
            there += tall + GAP
        right = max(right, there)
    return Picture(bars, ribbons, round(right, 2))


def _bar(x: float, y: float, tall: float) -> str:
    return f"M{x:g} {y:.2f}h{BAR}v{max(tall, 0.5):.2f}h-{BAR}z"


def _ribbon(begin: tuple[float, float], end: tuple[float, float], tall: float) -> str:
    (x, y), (to_x, to_y) = begin, end
    half = (x + to_x) / 2
    return (
        f"M{x:g} {y:.2f}C{half:g} {y:.2f} {half:g} {to_y:.2f} {to_x:g} {to_y:.2f}"
        f"v{tall:.2f}C{half:g} {to_y + tall:.2f} {half:g} {y + tall:.2f} {x:g} {y + tall:.2f}z"
    )
