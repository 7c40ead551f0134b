"""Book against chain: every Wh on the chain must follow from certified entries, and back."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Max, Q, Sum

from ledger.chain import open_chain
from ledger.chain.port import Chain, Counters, Unexplained
from ledger.domain.calls import Holder
from ledger.domain.token_id import EMISSIONS, RENEWABLE, TokenId, lot_of
from ledger.errors import ChainBusy
from ledger.models import Account, Batch, Block, Entry, OutboxItem, OwnAddress, Posting

CERTIFIED = OutboxItem.Status.CERTIFIED


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What was compared at a block, what is still on its way there, and what differs."""

    height: int
    balances: int
    lots: int
    on_the_way: int
    differences: tuple[Unexplained, ...]


def reconcile() -> Reconciliation:
    """Compare the whole contract storage at the last block with the certified entries.

    Raises: ChainBusy when a sealed block is not noted in the database yet.
    """
    with open_chain(writable=False) as chain:
        return compare(chain)


def compare(chain: Chain) -> Reconciliation:
    """The comparison itself, at the block that the chain is pinned to."""
    height = chain.head().number
    noted = Block.objects.order_by("-height").values_list("height", flat=True).first()
    if chain.is_shared:
        _check_noted(chain, 0 if noted is None else noted)
    elif noted != height:
        raise ChainBusy(
            f"Block {height} is sealed, block {noted} is the last noted. Run settle, then again."
        )
    balances = _balances()
    lots = _lots()
    odometers: dict[int, int] = defaultdict(int)
    for lot, counters in lots.items():
        odometers[TokenId.from_number(lot | counters.mask).device] += counters.issued
    return Reconciliation(
        height=height,
        balances=len(balances),
        lots=len(lots),
        on_the_way=OutboxItem.objects.filter(status__in=["pending", "submitted"]).count(),
        differences=tuple(
            chain.unexplained(balances=balances, lots=lots, odometers=dict(odometers))
        ),
    )


def _check_noted(chain: Chain, noted: int) -> None:
    """Of a shared chain few blocks are noted, but its batches are counted."""
    ours = Batch.objects.filter(status=Batch.Status.SEALED, nonce__isnull=False)
    sealed, following = ours.aggregate(last=Max("sequence"))["last"] or 0, chain.next_sequence()
    if sealed + 1 != following:
        raise ChainBusy(
            f"The chain holds {following - 1} batches, {sealed} are noted. Run settle, then again."
        )
    if chain.eventful(noted + 1, chain.head().number):
        raise ChainBusy(
            f"Holders moved something after block {noted}, the last noted. Run settle, then again."
        )


def _balances() -> dict[tuple[Holder, int], int]:
    """What holders have on the chain, from the postings of certified and mirrored entries."""
    held: dict[tuple[Holder, int], int] = defaultdict(int)
    holders = _holders()
    for on_the_chain in (
        Q(entry__outbox_item__status=CERTIFIED),
        Q(entry__mirrored_event__isnull=False, entry__outbox_item__isnull=True),
    ):
        moves = Posting.objects.filter(on_the_chain)
        for end, sign in (("source", -1), ("destination", 1)):
            rows = moves.values_list(end, "asset__code").annotate(total=Sum("amount"))
            for account, code, total in rows.order_by():
                if account in holders:
                    held[holders[account], int(code, 16)] += sign * total
    return {key: amount for key, amount in held.items() if amount}


def _holders() -> dict[int, Holder]:
    """Accounts by id as the chain knows them."""
    found: dict[int, Holder] = dict(
        Account.objects.filter(system="", is_mirror=False).values_list("pk", "uuid")
    )
    own = OwnAddress.objects.values_list("account", "address")
    return found | {pk: bytes(address) for pk, address in own}


def _lots() -> dict[int, Counters]:
    """Every certified lot's counters, from the book."""
    issued: dict[int, tuple[int, int, int]] = {}
    used: dict[tuple[int, str, int], int] = defaultdict(int)
    certified = Posting.objects.filter(entry__outbox_item__status=CERTIFIED)
    rows = certified.values_list(
        "entry__kind",
        "asset__code",
        "entry__outbox_item__renewable_wh",
        "entry__outbox_item__emissions_wh",
    )
    lots = rows.filter(entry__kind=Entry.Kind.ISSUE).annotate(total=Sum("amount")).order_by()
    for _, code, renewable, emissions, total in lots:
        number = int(code, 16)
        first = emissions if renewable is None else renewable
        issued[lot_of(number)] = (total, first, number & 0xFF)
    taken = certified.filter(entry__kind__in=[Entry.Kind.RETIRE, Entry.Kind.WITHDRAW])
    for kind, code, total in (
        taken.values_list("entry__kind", "asset__code").annotate(total=Sum("amount")).order_by()
    ):
        number = int(code, 16)
        for attribute in (RENEWABLE, EMISSIONS):
            if number & attribute:
                used[lot_of(number), kind, attribute] += total
    return {
        lot: Counters(
            issued=total,
            retired_renewable=used[lot, Entry.Kind.RETIRE, RENEWABLE],
            retired_emissions=used[lot, Entry.Kind.RETIRE, EMISSIONS],
            withdrawn_renewable=used[lot, Entry.Kind.WITHDRAW, RENEWABLE],
            withdrawn_emissions=used[lot, Entry.Kind.WITHDRAW, EMISSIONS],
            first_wh=first,
            mask=mask,
        )
        for lot, (total, first, mask) in issued.items()
    }
