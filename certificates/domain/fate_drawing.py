"""The way of energy as a picture: what was issued, where it is now, for whom it was used.

Three columns of bars, joined by ribbons as high as what flows; pure geometry for one SVG. Down
the page a unit is a pixel, so that words stand beside bars; across, the picture is as wide as
the page lets it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600, 240
BAR = 14
MIDDLE = 150.0
SLOT, GAP = 66, 8  # no bar is closer to the next than the three lines of words beside it
THIN = 10  # words stand on what is higher, and below what is not


@dataclass(frozen=True, slots=True)
class Shape:
    """One path of the picture; `kind` names what it stands for, `is_far` those of the uses."""

    kind: str
    path: str
    is_far: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """Bars above ribbons, in a picture of WIDTH by `height`.

    `places_y` and `uses_y` are where the words beside each bar begin.
    """

    bars: Sequence[Shape]
    ribbons: Sequence[Shape]
    places_y: Sequence[int]
    uses_y: Sequence[int]
    height: int
    width: int = WIDTH
    slot: int = SLOT - THIN


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
    bars, ribbons = [Shape("all", _bar(0, 0, HEIGHT))], []
    talls = [HEIGHT * wh / total for _, wh in shown]
    tops, bottom = _slots(talls, 0)
    left = 0.0
    for (kind, _), tall, top in zip(shown, talls, tops, strict=True):
        bars.append(Shape(kind, _bar(MIDDLE, top, tall)))
        ribbons.append(Shape(kind, _ribbon((BAR, left), (MIDDLE, top), tall)))
        left += tall
    begin = dict(zip((kind for kind, _ in shown), tops, strict=True)).get(parted)
    use_talls = [HEIGHT * wh / total for wh in uses] if begin is not None else []
    use_tops, use_bottom = _slots(use_talls, begin or 0)
    here, far = float(begin or 0), float(WIDTH - BAR)
    for tall, top in zip(use_talls, use_tops, strict=True):
        bars.append(Shape(parted, _bar(far, top, tall), is_far=True))
        ribbons.append(Shape(parted, _ribbon((MIDDLE + BAR, here), (far, top), tall), is_far=True))
        here += tall
    words = _words_y(tops, talls), _words_y(use_tops, use_talls)
    return Picture(bars, ribbons, *words, max(bottom, use_bottom, HEIGHT))


def _words_y(tops: Sequence[int], talls: Sequence[float]) -> list[int]:
    return [
        top + (int(tall) + 1 if tall < THIN else 0) for top, tall in zip(tops, talls, strict=True)
    ]


def _slots(talls: Sequence[float], top: int) -> tuple[list[int], int]:
    """Where bars of these heights begin, one below the other from `top`, and where they end."""
    tops, at = [], top
    for tall in talls:
        tops.append(at)
        at += max(int(tall) + 1, SLOT) + GAP
    return tops, at


def _bar(x: float, y: float, tall: float) -> str:
    return f"M{x:g} {y:.2f}h{BAR}v{max(tall, 1):.2f}h-{BAR}z"


def _ribbon(begin: tuple[float, float], end: tuple[float, float], tall: float) -> str:
    (x, y), (to_x, to_y) = begin, end
    half = (x + to_x) / 2
    return (
        f"M{x:g} {y:.2f}C{half:g} {y:.2f} {half:g} {to_y:.2f} {to_x:g} {to_y:.2f}"
        f"v{tall:.2f}C{half:g} {to_y + tall:.2f} {half:g} {y + tall:.2f} {x:g} {y + tall:.2f}z"
    )
