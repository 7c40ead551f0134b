"""Markets that trade only whole certificates of 1 MWh: what is issued, shared, moved and taken.

EECS and M-RETS know no smaller unit; what is short of the next MWh waits and goes into it.
"""

from collections.abc import Hashable, Mapping, Sequence

from certificates.domain.odometer import CERTIFICATE_WH
from certificates.domain.sharing import WHOLE_PPM
from certificates.domain.taking import in_order

Dues = Mapping[int, int]  # millionths of a Wh that shares have earned and not been given yet


def part_of(amount_wh: int) -> int:
    """Wh beyond whole MWh: 0 where the amount is whole."""
    return amount_wh % CERTIFICATE_WH


def issuable(waiting: Sequence[int], before_wh: int) -> list[int]:
    """How much of each interval, the first first, makes the device's total whole.

    `waiting` are Wh that could be issued, `before_wh` what was. The last interval that counts is
    issued in part; what is left of it and of all later ones waits.
    """
    total = before_wh + sum(waiting)
    return in_order(max(0, total - part_of(total) - before_wh), waiting)


def whole_parts(parts: Sequence[tuple[Hashable | None, int]]) -> list[int]:
    """How much of each part may be taken so that every group gives whole MWh.

    A part is (group, Wh) in the order of taking; a group is one account's certificates of one
    device. Parts of no group (None) are taken as they are.
    """
    sums: dict[Hashable, int] = {}
    for group, wh in parts:
        if group is not None:
            sums[group] = sums.get(group, 0) + wh
    left = {group: wh - part_of(wh) for group, wh in sums.items()}
    kept = []
    for group, wh in parts:
        part = wh if group is None else min(wh, left[group])
        if group is not None:
            left[group] -= part
        kept.append(part)
    return kept


def shares(
    amounts: Sequence[int],
    ppm: Sequence[Mapping[int, int]],
    owners: Sequence[int],
    dues: Dues,
    before_wh: int = 0,
) -> list[dict[int, int]]:
    """Wh for each account of each amount: every MWh goes to one account as a whole.

    `ppm` are the shares in force for each amount, by account, and `owners` whose each is: a MWh
    that fills over a change of owner is the new one's, as what is short of it goes with the
    plant. A MWh earns each account its
    share; who has earned most gets it, the first of equals, but nobody before they have earned
    all of it: until then the owner keeps it. So no account is ever ahead of its share.
    `dues` is what they had earned before (millionths of a Wh), `before_wh` what was issued.
    """
    earned = dict(dues)
    given: list[dict[int, int]] = []
    stretch: list[tuple[int, int]] = []  # (place, Wh) of the MWh that is being filled
    room = CERTIFICATE_WH - part_of(before_wh)
    for place, amount in enumerate(amounts):
        given.append({})
        left = amount
        while left:
            part = min(left, room)
            left, room = left - part, room - part
            stretch.append((place, part))
            for account, share in ppm[place].items():
                earned[account] = earned.get(account, 0) + part * share
            if not room:
                _give(stretch, given, earned, owners)
                stretch, room = [], CERTIFICATE_WH
    _give(stretch, given, earned, owners)
    return given


def _give(
    stretch: Sequence[tuple[int, int]],
    given: list[dict[int, int]],
    earned: dict[int, int],
    owners: Sequence[int],
) -> None:
    if not stretch:
        return
    owner = owners[stretch[-1][0]]
    cost = sum(wh for _, wh in stretch) * WHOLE_PPM
    first = max(earned, key=lambda account: earned[account], default=owner)
    account = owner
    if earned.get(first, 0) >= cost:
        account = first
        earned[account] -= cost
    for place, wh in stretch:
        given[place][account] = given[place].get(account, 0) + wh
