"""A column of energy that is really the meter's register: each charge is the difference."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from charging.domain.profiles import Profile
from charging.domain.repairs import most_wh


@dataclass(frozen=True, slots=True)
class Standing:
    """A row whose energy is too much for its time: its line, [started, ended), whole Wh."""

    line: int
    started: int
    ended: int
    register_wh: int


def differences(rows: Iterable[Standing], profile: Profile) -> Mapping[int, int]:
    """Wh by line, for rows of one connector whose number rose since the row before by what
    the charger can give. The first of them has nothing before it.
    """
    found: dict[int, int] = {}
    ordered = sorted(rows, key=lambda row: (row.started, row.line))
    for before, row in pairwise(ordered):
        rise = row.register_wh - before.register_wh
        if 0 < rise <= most_wh(row.ended - row.started, profile):
            found[row.line] = rise
    return found
