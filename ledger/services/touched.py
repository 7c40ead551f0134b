"""After each block: is what it touched on the chain as the book says?

The whole comparison walks the contract's storage; this one reads a few balances and lots of
the block just recorded, so that a difference is known within a second of the act that made it.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from ledger.chain.port import Chain, Unexplained
from ledger.chain.reconciliation import name_of
from ledger.domain.token_id import BOTH, lot_of
from ledger.models import Asset, Batch, Posting
from ledger.services import audit
from ledger.services.reconciliation import certified_by, holders, lots_of

MOST = 16  # members looked at for one block, and the lots they are of
log = logging.getLogger(__name__)


def check_touched(*, chain: Chain, batches: Sequence[Batch], now: datetime) -> list[Unexplained]:
    """Compare what the sealed ones among these batches touched; call once it is certified.

    A difference is logged and audited, and stops nothing: the block is sealed, and what it
    holds must be recorded all the same. Of each batch evenly spread members are looked at, of
    all batches about `MOST`.
    """
    sealed = [batch for batch in batches if batch.status == Batch.Status.SEALED]
    share = max(1, MOST // max(1, len(sealed)))
    chosen = sorted({place for batch in sealed for place in _places(batch, share)})
    found = [*_balances(chain, chosen), *_lots(chain, chosen)]
    for one in found:
        said = f"{one.what}: the book says {one.expected}, the chain {one.actual}"
        log.error("book and chain differ after block %d: %s", chain.head().number, said)
        detail = {"block": chain.head().number, "expected": one.expected, "actual": one.actual}
        audit.record(
            actor="settlement", action="found a difference", subject=one.what, now=now,
            detail={name: str(value) for name, value in detail.items()},
        )  # fmt: skip
    return found


def _places(batch: Batch, share: int) -> Iterator[tuple[int, int]]:
    """(account, asset) that some of a batch's members took from or gave to."""
    members: Any = batch.entries if batch.kind == Batch.Kind.SETTLE else batch.items
    count = members.count()
    some = members.filter(position__in=range(0, count, -(-count // share) or 1))
    if batch.kind == Batch.Kind.SETTLE:
        yield from some.values_list("account", "asset")
        return
    moves = Posting.objects.filter(entry__outbox_item__in=some)
    for source, destination, asset in moves.values_list("source", "destination", "asset"):
        yield source, asset
        yield destination, asset


def _balances(chain: Chain, chosen: Sequence[tuple[int, int]]) -> Iterator[Unexplained]:
    known = holders()
    codes = dict(
        Asset.objects.filter(pk__in={asset for _, asset in chosen}).values_list("pk", "code")
    )
    held = _held(chain.head().number, chosen)
    for account, asset in chosen:
        if account not in known:  # a system's account has no place on the chain
            continue
        token_id = int(codes[asset], 16)
        expected, actual = held.get((account, asset), 0), chain.balance(known[account], token_id)
        if actual != expected:
            what = f"balance of {name_of(known[account])} in {token_id:040x}"
            yield Unexplained(what, expected, actual)


def _held(height: int, chosen: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int]:
    wanted, held = set(chosen), dict.fromkeys(chosen, 0)
    moves = certified_by(height).filter(asset__in={asset for _, asset in chosen})
    for source, destination, asset, amount in moves.values_list(
        "source", "destination", "asset", "amount"
    ):
        for end, sign in ((source, -1), (destination, 1)):
            if (end, asset) in wanted:
                held[end, asset] += sign * amount
    return held


def _lots(chain: Chain, chosen: Sequence[tuple[int, int]]) -> Iterator[Unexplained]:
    assets = Asset.objects.filter(pk__in={asset for _, asset in chosen})
    lots = {lot_of(int(code, 16)) for code in assets.values_list("code", flat=True)}
    codes = [f"{lot | mask:040x}" for lot in lots for mask in range(1, BOTH + 1)]
    # By id: joined by their codes, SQLite would look at every posting there is.
    same_lots = Asset.objects.filter(kind=Asset.Kind.CERTIFICATE, code__in=codes)
    rows = certified_by(chain.head().number).filter(
        asset__in=list(same_lots.values_list("pk", flat=True))
    )
    for lot, expected in lots_of(rows):
        actual = chain.counters(lot)
        if actual != expected:
            yield Unexplained(f"lot {lot:040x}", expected.issued, actual.issued)
