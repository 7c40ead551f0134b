"""Transactions that holders sent, kept until the chain's writer puts them into a block."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from ledger.chain.port import Chain
from ledger.errors import TransactionRefused
from ledger.models import OwnAddress, WaitingTransaction
from ledger.rpc.waiting_room import Signed

PER_SENDER, IN_ALL = 16, 1_024
# A second or two of execution, beside the registry's own batches.
PER_BLOCK, GAS_PER_BLOCK = 64, 1 << 25
LOOK = 4 * PER_BLOCK
WAITING, DROPPED = WaitingTransaction.Status.WAITING, WaitingTransaction.Status.DROPPED


@dataclass(frozen=True, slots=True)
class Room:
    """`rpc.sending.WaitingRoom` in the database, for one request at `now`."""

    now: datetime

    def is_linked(self, sender: bytes) -> bool:
        return OwnAddress.objects.filter(address=sender, holder__isnull=False).exists()

    def count(self, sender: bytes, next_nonce: int) -> int:
        return _waiting_of(sender, next_nonce).count()

    def find(self, transaction_hash: bytes) -> bytes | None:
        rows = WaitingTransaction.objects.filter(transaction_hash=transaction_hash, status=WAITING)
        raw = rows.values_list("raw_transaction", flat=True).first()
        return None if raw is None else bytes(raw)

    def admit(self, signed: Signed, *, next_nonce: int) -> None:
        admit(signed=signed, next_nonce=next_nonce, now=self.now)


def admit(
    *, signed: Signed, next_nonce: int, now: datetime, act: tuple[bytes, int] | None = None
) -> None:
    """Keep a transaction for the next block, once; `next_nonce` is the chain's for its sender.

    `act` names the signer and the number of a signed act that it carries.
    Raises: TransactionRefused.
    """
    kept = WaitingTransaction.objects.filter(transaction_hash=signed.hash).exclude(status=DROPPED)
    if kept.exists():
        return
    try:
        with transaction.atomic():
            _check_turn(signed, next_nonce)
            acts_for, act_nonce = act or (b"", None)
            # One that was dropped may come again.
            WaitingTransaction.objects.update_or_create(
                transaction_hash=signed.hash,
                defaults={
                    "raw_transaction": signed.raw,
                    "sender": signed.sender,
                    "nonce": signed.nonce,
                    "gas": signed.gas,
                    "status": WAITING,
                    "reason": "",
                    "acts_for": acts_for,
                    "act_nonce": act_nonce,
                    "received_at": now,
                },
            )
    except (IntegrityError, TransactionRefused) as error:
        if kept.exists():  # the same came twice at once
            return
        if isinstance(error, TransactionRefused):
            raise
        raise _taken(signed) if act is None else _act_taken(act[1]) from error


def _check_turn(signed: Signed, next_nonce: int) -> None:
    waiting = list(_waiting_of(signed.sender, next_nonce).values_list("nonce", flat=True))
    if signed.nonce < next_nonce:
        raise TransactionRefused(f"nonce too low: next nonce {next_nonce}, tx nonce {signed.nonce}")
    if signed.nonce in waiting:
        raise _taken(signed)
    if signed.nonce != next_nonce + len(waiting):
        raise TransactionRefused(
            f"nonce too high: next nonce {next_nonce + len(waiting)}, tx nonce {signed.nonce}; "
            "no gaps are kept"
        )
    if len(waiting) >= PER_SENDER:
        raise TransactionRefused(
            f"txpool is full: {PER_SENDER} transactions of this sender wait already"
        )
    if WaitingTransaction.objects.filter(status=WAITING).count() >= IN_ALL:
        raise TransactionRefused("txpool is full: send again in a minute")


def _taken(signed: Signed) -> TransactionRefused:
    return TransactionRefused(
        f"replacement transaction underpriced: another with nonce {signed.nonce} of this sender "
        "was taken, and gas has no price by which to choose"
    )


def _act_taken(nonce: int) -> TransactionRefused:
    return TransactionRefused(
        f"Another act of this holder with nonce {nonce} waits already. Look again after the next "
        "block."
    )


def _waiting_of(sender: bytes, next_nonce: int) -> QuerySet[WaitingTransaction]:
    return WaitingTransaction.objects.filter(sender=sender, status=WAITING, nonce__gte=next_nonce)


def ready(*, chain: Chain, holders: bool = True) -> list[WaitingTransaction]:
    """What can be in the next block, in the order in which it came; what never can is dropped.

    Without `holders` only what the admin or the pauser sent.
    """
    rows = WaitingTransaction.objects.filter(status=WAITING).order_by("pk")
    if not holders:
        rows = rows.filter(act_nonce=None).exclude(sender__in=OwnAddress.objects.values("address"))
    chosen: list[WaitingTransaction] = []
    nonces: dict[bytes, int] = {}
    gas = 0
    for row in rows[:LOOK]:
        sender = bytes(row.sender)
        expected = nonces.setdefault(sender, chain.nonce_of(sender))
        if row.nonce < expected:
            _give_up([row.pk], "Its nonce was spent by another transaction.")
        elif row.nonce == expected:
            if len(chosen) == PER_BLOCK or gas + row.gas > GAS_PER_BLOCK:
                break
            chosen.append(row)
            nonces[sender], gas = expected + 1, gas + row.gas
    return chosen


def drop(*, row: WaitingTransaction, reason: str) -> None:
    """Give a transaction up, and those of its sender that would come after it."""
    after = WaitingTransaction.objects.filter(
        sender=row.sender, nonce__gt=row.nonce, status=WAITING
    )
    _give_up([row.pk], reason)
    _give_up(list(after.values_list("pk", flat=True)), "One before it was dropped.")


def _give_up(rows: Sequence[int], reason: str) -> None:
    waits = WaitingTransaction.objects.filter(pk__in=rows, status=WAITING)
    waits.update(status=DROPPED, reason=reason)


def raws(rows: Sequence[WaitingTransaction]) -> list[bytes]:
    """The transactions as they were signed."""
    return [bytes(row.raw_transaction) for row in rows]
