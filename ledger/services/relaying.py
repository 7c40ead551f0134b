"""Bringing what a holder signed to the chain, for a holder who sends no transactions.

Gas costs nothing here and the contract asks for the holder's signature alone, so who sends
the act does not matter. Each act is sent by an address of its own, whose key follows from the
act: the same act gives the same transaction, which can be in one block once, and no key of
the registry is needed where requests are answered.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from ledger.domain.keccak import keccak256
from ledger.domain.signed_acts import SignedAct
from ledger.errors import ActRefused, RpcRefused
from ledger.models import OwnAddress, WaitingTransaction
from ledger.rpc.waiting_room import Signed
from ledger.services import audit, waiting

if TYPE_CHECKING:  # the machine takes a second to import
    from ledger.rpc.snapshot import Snapshot

SENDER = b"REC-relay-v1"
GAS = 300_000  # the dearest act takes 88,000


def relay(*, act: SignedAct, actor: object, now: datetime) -> WaitingTransaction:
    """Keep a holder's act for the next block, once; what became of it when it came before.

    What the contract would refuse is refused at once, with its reason.
    Raises: ActRefused, TransactionRefused, ChainMissing, ChainCorrupt.
    """
    from ledger.rpc import sending

    if not OwnAddress.objects.filter(address=act.signer, holder__isnull=False).exists():
        raise ActRefused(
            f"0x{act.signer.hex()} is not linked to an account here. Link the address first."
        )
    with _snapshot() as chain:
        contract = sending.certificates(chain)
        signed = _signed(chain, contract, act)
        known = WaitingTransaction.objects.filter(transaction_hash=signed.hash)
        row = known.exclude(status=WaitingTransaction.Status.DROPPED).first()
        if row is not None:
            return row
        _try(chain, contract, act, now)
        next_nonce = int(chain.engine.state(chain.head).get_nonce(signed.sender))
    with transaction.atomic():
        waiting.admit(signed=signed, next_nonce=next_nonce, now=now, act=(act.signer, act.nonce))
        row = known.get()
        detail = {"signer": f"0x{act.signer.hex()}", "nonce": act.nonce}
        audit.record(actor=actor, action="act.relayed", subject=row, now=now, detail=detail)
    return row


@contextmanager
def _snapshot() -> Iterator["Snapshot"]:
    if settings.CHAIN_ADAPTER != "embedded":
        raise ActRefused("Acts are brought to this registry's own chain only; send it yourself.")
    from ledger.rpc.pool import pool_of

    with pool_of(Path(settings.CHAIN_DIR), settings.CHAIN_ID).snapshot() as chain:
        yield chain


def _signed(chain: "Snapshot", contract: bytes, act: SignedAct) -> Signed:
    from ledger.chain.signed_calls import encode

    data = encode(act)
    raw = chain.engine.sign(
        private_key=keccak256(SENDER + data), nonce=0, to=contract, data=data, gas=GAS
    )
    transaction = chain.engine.decode(raw)
    return Signed(bytes(transaction.hash), raw, bytes(transaction.sender), 0, GAS)


def _try(chain: "Snapshot", contract: bytes, act: SignedAct, now: datetime) -> None:
    """Raises: ActRefused with the contract's reason."""
    from ledger.chain.signed_calls import encode
    from ledger.rpc import calls
    from ledger.rpc.quantities import data

    if act.deadline <= now.timestamp():  # the last block may be older, the next is not
        raise ActRefused("The contract would refuse it: deadline. Sign it again with a later one.")
    asked = {"to": data(contract), "input": data(encode(act))}
    try:
        calls.call(chain, asked)
    except RpcRefused as error:
        raise ActRefused(f"The contract would refuse it: {error}") from error
