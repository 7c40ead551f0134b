"""Picking certificates to move or to use: by plant, kind, area, time, or one by one."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from certificates.errors import SelectionRefused

# EECS technology codes by the word that a person says (AIB, EECS Rules Fact Sheet 05).
TECHNOLOGIES = {
    "solar": "T01",
    "wind": "T02",
    "hydro": "T03",
    "marine": "T04",
    "thermal": "T05",
    "nuclear": "T06",
    "other": "T07",
}


@dataclass(frozen=True, slots=True)
class Criteria:
    """Which of what an organisation holds; what is left out does not narrow.

    `technology` begins an EECS code. Lots start in [starts_at, ends_at). `amount_wh` is how
    much of it, the oldest first; all when left out. `picked` names Wh of single assets (by
    id) and goes alone.
    """

    gsrns: tuple[str, ...] = ()
    technology: str = ""
    area: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    amount_wh: int | None = None
    picked: Mapping[int, int] = field(default_factory=dict)

    def check(self) -> None:
        """Raises: SelectionRefused when no selection can be meant."""
        if self.amount_wh is not None and self.amount_wh <= 0:
            raise SelectionRefused(f"{self.amount_wh} Wh cannot be picked; name a positive amount.")
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise SelectionRefused("The period ends before it starts. Swap its ends.")
        for at in (self.starts_at, self.ends_at):
            if at is not None and at.tzinfo is None:
                raise SelectionRefused("A period's ends need their time zone, such as Z.")
        if self.picked and self != Criteria(picked=self.picked):
            raise SelectionRefused("Name certificates one by one, or narrow by facts, not both.")
        for asset, wh in self.picked.items():
            if wh <= 0:
                raise SelectionRefused(f"{wh} Wh of certificate {asset}: name a positive amount.")

    def facts(self) -> dict[str, object]:
        """What was asked for, as JSON has it, the same for the same request."""
        return {
            "gsrns": sorted(self.gsrns),
            "technology": self.technology,
            "area": self.area,
            "starts_at": self.starts_at.timestamp() if self.starts_at else None,
            "ends_at": self.ends_at.timestamp() if self.ends_at else None,
            "amount_wh": self.amount_wh,
            "picked": sorted(self.picked.items()),
        }


def request_hash(facts: Mapping[str, object]) -> bytes:
    """SHA-256 over what was asked for, the same whatever the order of its names."""
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def oldest_first(held: Sequence[tuple[int, int]], amount_wh: int | None) -> list[tuple[int, int]]:
    """(asset, Wh) up to an amount, in the order given; the last one in part if need be.

    Raises: SelectionRefused when there is less.
    """
    if amount_wh is None:
        return list(held)
    left, picked = amount_wh, []
    for asset, wh in held:
        if not left:
            break
        part = min(left, wh)
        picked.append((asset, part))
        left -= part
    if left:
        raise SelectionRefused(
            f"{amount_wh - left} Wh fit what was asked for, {amount_wh} Wh are needed. Ask for "
            "less, or for more plants or a longer period."
        )
    return picked


def mark_of(amounts: Iterable[tuple[int, int]]) -> str:
    """A short name of exactly these Wh of these assets: 32 hexadecimal digits.

    Whoever saw a selection sends it back, and learns if it has changed since.
    """
    text = ";".join(f"{asset}={wh}" for asset, wh in sorted(amounts))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
