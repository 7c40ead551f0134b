"""Moving to another chain: the calls after which a new contract goes on where the old one stopped.

The contract lets nobody set an odometer, a first Wh or a counter; issuance, withdrawal and
settlement advance them. So each device's odometer is walked once more, in its order. Of a lot
that somebody still holds, the lot itself is issued again, with the total that it had; each
stretch between such lots is issued as filler lots and withdrawn at once, so that its numbers
are never given to anybody again. Then what was retired and withdrawn of a lot is so again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

from ledger.domain.calls import MAX_AMOUNT_WH, Holder
from ledger.domain.counters import Counters
from ledger.domain.token_id import (
    BOTH,
    EMISSIONS,
    MASK_BITS,
    PRODUCTION,
    RENEWABLE,
    TokenId,
    lot_of,
)
from ledger.errors import MoveRefused

FIRST_FILLER = 1 << 31  # a sequence that no plant's lot reaches
DEVICE_BITS = (1 << 64) - 1
LAST_WH = (1 << 54) - 1  # where an odometer ends
LEAF_BYTES = 32


@dataclass(frozen=True, slots=True)
class State:
    """What the certificate contract holds at one block, in whole Wh.

    `lots` by number with the mask cleared, `holdings` by holder and token id, `odometers` by
    device; `leaves` are the lots' facts as their issuance bound them.
    """

    lots: Mapping[int, Counters]
    holdings: Mapping[tuple[Holder, int], int]
    odometers: Mapping[int, int]
    leaves: Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A lot to be issued on the new chain; `leaf` is None for a filler."""

    token_id: int
    first_wh: int
    total: int
    leaf: bytes | None


@dataclass(slots=True)
class LotSteps:
    """What becomes of a lot once it is issued again, of what the opening account has of it.

    By mask: Wh to retire and to withdraw. `unbundled` is parted in between.
    """

    token_id: int
    unbundled: int = 0
    retired: dict[int, int] = field(default_factory=dict)
    withdrawn: dict[int, int] = field(default_factory=dict)


def held_of(state: State) -> dict[int, list[tuple[Holder, int, int]]]:
    """By lot: who holds how much of which of its assets, in a fixed order."""
    found: dict[int, list[tuple[Holder, int, int]]] = defaultdict(list)
    for (holder, token_id), amount in state.holdings.items():
        if amount:
            found[lot_of(token_id)].append((holder, token_id, amount))
    for rows in found.values():
        rows.sort(key=lambda row: (row[1], isinstance(row[0], bytes), _bytes(row[0])))
    return found


def _bytes(holder: Holder) -> bytes:
    return holder if isinstance(holder, bytes) else holder.bytes


def check_state(state: State) -> None:
    """Lots lie apart on their devices' odometers, and each one's sums add up.

    Raises: MoveRefused, naming the lot.
    """
    held = held_of(state)
    for lot in held.keys() - state.lots.keys():
        raise MoveRefused(f"Wh of lot {lot:040x} are held, and no such lot was issued.")
    for lot, counters in state.lots.items():
        is_lot = 0 < counters.issued <= MAX_AMOUNT_WH and counters.mask in (1, 2, 3)
        if not is_lot or len(state.leaves.get(lot, b"")) != LEAF_BYTES:
            raise MoveRefused(f"Lot {lot:040x} has no amount, attribute or facts that it can have.")
        _check_sums(lot, counters, held.get(lot, ()))
    for device, odometer in state.odometers.items():
        if odometer > LAST_WH:
            raise MoveRefused(f"Device {device} has an odometer beyond what the contract counts.")
    for device, lots in _by_device(state.lots):
        end = 0
        for lot, counters in lots:
            if counters.first_wh < end:
                raise MoveRefused(f"Lot {lot:040x} starts within the one before it.")
            end = counters.first_wh + counters.issued
        if end > state.odometers.get(device, 0):
            raise MoveRefused(f"Device {device} has lots beyond the end of its odometer.")


def _check_sums(lot: int, c: Counters, held: Iterable[tuple[Holder, int, int]]) -> None:
    rows = list(held)
    for attribute, gone in (
        (RENEWABLE, c.retired_renewable + c.withdrawn_renewable),
        (EMISSIONS, c.retired_emissions + c.withdrawn_emissions),
    ):
        total = sum(amount for _, token_id, amount in rows if token_id & attribute)
        if total + gone != (c.issued if c.mask & attribute else 0):
            raise MoveRefused(
                f"Of lot {lot:040x} {c.issued} Wh were issued; {total} held and {gone} retired or "
                f"withdrawn do not make that for attribute {attribute}."
            )


def _by_device(lots: Mapping[int, Counters]) -> Iterator[tuple[int, list[tuple[int, Counters]]]]:
    def device(row: tuple[int, Counters]) -> int:
        return row[0] >> 88 & DEVICE_BITS

    ordered = sorted(lots.items(), key=lambda row: (device(row), row[1].first_wh))
    for number, rows in groupby(ordered, key=device):
        yield number, list(rows)


def stretches(state: State) -> Iterator[Stretch]:
    """The lots of the new chain, device by device in the order of the odometer, without a gap."""
    held = held_of(state)
    live = {lot: counters for lot, counters in state.lots.items() if lot in held}
    lots = dict(_by_device(live))
    for device in sorted(state.odometers):
        at, fillers = 0, 0
        for lot, counters in lots.get(device, ()):
            for filler in _fillers(device, at, counters.first_wh, fillers):
                fillers += 1
                yield filler
            token_id = lot | counters.mask
            yield Stretch(token_id, counters.first_wh, counters.issued, state.leaves[lot])
            at = counters.first_wh + counters.issued
        yield from _fillers(device, at, state.odometers[device], fillers)


def _fillers(device: int, start: int, end: int, count: int) -> Iterator[Stretch]:
    while start < end:
        total = min(end - start, MAX_AMOUNT_WH)
        token = TokenId(PRODUCTION, device, 0, 1, FIRST_FILLER + count, BOTH)
        yield Stretch(token.number, start, total, None)
        start, count = start + total, count + 1


def steps_of(
    lot: int, counters: Counters, held: Iterable[tuple[Holder, int, int]]
) -> LotSteps | None:
    """How the opening account brings a lot's counters to where they were; None: it need not.

    Where both attributes went the same way they go together; the rest is parted first.
    """
    c = counters
    mask = c.mask
    if mask != BOTH:
        is_renewable = mask == RENEWABLE
        retired = c.retired_renewable if is_renewable else c.retired_emissions
        withdrawn = c.withdrawn_renewable if is_renewable else c.withdrawn_emissions
        steps = LotSteps(lot | mask, 0, {mask: retired}, {mask: withdrawn})
        return steps if retired or withdrawn else None
    retired = min(c.retired_renewable, c.retired_emissions)
    withdrawn = min(c.withdrawn_renewable, c.withdrawn_emissions)
    whole = sum(amount for _, token_id, amount in held if token_id & MASK_BITS == BOTH)
    steps = LotSteps(
        token_id=lot | BOTH,
        unbundled=c.issued - whole - retired - withdrawn,
        retired={
            BOTH: retired,
            RENEWABLE: c.retired_renewable - retired,
            EMISSIONS: c.retired_emissions - retired,
        },
        withdrawn={
            BOTH: withdrawn,
            RENEWABLE: c.withdrawn_renewable - withdrawn,
            EMISSIONS: c.withdrawn_emissions - withdrawn,
        },
    )
    is_untouched = not (steps.unbundled or retired or withdrawn)
    return None if is_untouched else steps


def moved(state: State) -> State:
    """What the new contract holds when every call of the plan is done.

    Odometers and holdings are as they were; so are the counters of every lot that somebody
    holds. All other lots have become fillers.
    """
    lots: dict[int, Counters] = {}
    leaves: dict[int, bytes] = {}
    for each in stretches(state):
        lot = lot_of(each.token_id)
        if each.leaf is not None:
            lots[lot], leaves[lot] = state.lots[lot], each.leaf
        else:
            gone = each.total
            lots[lot] = Counters(gone, 0, 0, gone, gone, each.first_wh, BOTH)
    holdings = {place: amount for place, amount in state.holdings.items() if amount}
    return State(lots, holdings, state.odometers, leaves)


def opening_account(statement: bytes) -> UUID:
    """The account that does the opening calls: no holder's, and empty when they are done."""
    return UUID(bytes=statement[:16])
