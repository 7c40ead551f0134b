"""What became of production, as a picture with its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from certificates.domain.fate_drawing import fate_picture
from certificates.queries.generator.fates import Fate

USED = "used"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table; `kind` is its colour in the picture."""

    kind: str
    words: str
    amount_wh: int


def owners_view(fate: Fate) -> dict[str, Any]:
    """For those who own the plants: what they hold and what others hold."""
    held = [
        Line("own", "you hold", fate.own_wh),
        Line("aside", "you reserved or locked", fate.aside_wh),
        Line("others", "passed on, held by others", fate.others_wh),
    ]
    return _view(fate, held)


def public_view(fate: Fate) -> dict[str, Any]:
    """For anyone: held by whomever, used and for whom."""
    everyone = fate.own_wh + fate.aside_wh + fate.others_wh
    return _view(fate, [Line("own", "held, not used yet", everyone)])


def _view(fate: Fate, held: Sequence[Line]) -> dict[str, Any]:
    gone = [
        Line(USED, "used for charges and other claims", fate.used_wh),
        Line("expired", "expired unused", fate.expired_wh),
        Line("withdrawn", "withdrawn", fate.withdrawn_wh),
    ]
    lines = [line for line in [*held, *gone] if line.amount_wh]
    uses = [use.amount_wh for use in fate.uses]
    if fate.other_uses_wh:
        uses.append(fate.other_uses_wh)
    places = [(line.kind, line.amount_wh) for line in lines]
    picture = fate_picture(places, USED, uses)
    if picture is None:
        return {"fate": fate, "lines": lines, "picture": None}
    names = [(use.claimant, use.purpose) for use in fate.uses] + [("others", "")]
    beside = zip(picture.uses_y, names, uses, strict=False)
    return {
        "fate": fate,
        "lines": lines,
        "picture": picture,
        "places": list(zip(picture.places_y, lines, strict=True)),
        "uses": [(y, name, purpose, wh) for y, (name, purpose), wh in beside],
    }
