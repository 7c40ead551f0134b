"""The old chain comes to its end: nothing on its way, everything checked, and written down."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from ledger.chain.opening import verify_stored_chain
from ledger.chain.port import Chain
from ledger.chain.stored import Progress, export_chain
from ledger.domain.counters import Counters
from ledger.domain.moving import State, check_state
from ledger.domain.moving_files import CLOSING, STATE, Closing, state_lines
from ledger.domain.proof.trust import dump
from ledger.domain.token_id import lot_of
from ledger.errors import MoveRefused
from ledger.models import OutboxItem, WaitingTransaction, WitnessSignature
from ledger.services.moving.bundle import sha256_of, written_whole
from ledger.services.reconciliation import balances_at, certified_by, compare, lots_at
from ledger.services.settlement.turn import writer_turn
from ledger.services.sorting import sorting_on_disk
from ledger.services.trust import registry_trust

TRUST, WITNESSES = "trust.json", "witnesses.json"
PAUSED = "paused"


def close(directory: Path, *, progress: Progress) -> Closing:
    """Write the closing bundle of the embedded chain, with the writer's turn held meanwhile.

    Raises: MoveRefused when something is on its way, the contract is not paused, or book and
    chain, or the chain itself, do not follow; ChainBusy while a writer runs; FileExistsError.
    """
    with writer_turn() as chain, written_whole(directory) as draft:
        _check_ended(chain)
        _check_sound(chain, progress)
        state = state_of(chain)
        check_state(state)
        head = export_chain(draft, progress=progress)
        (draft / TRUST).write_bytes(_trust(head.block_number))
        with (draft / STATE).open("w", encoding="utf-8") as lines:
            lines.writelines(f"{line}\n" for line in state_lines(state))
        closing = Closing(
            chain_id=settings.CHAIN_ID,
            registry_id=settings.REGISTRY_ID,
            genesis_hash=f"0x{chain.block(0).hash.hex()}",
            height=head.block_number,
            block_hash=f"0x{head.hash.hex()}",
            state_root=f"0x{head.state_root.hex()}",
            files={path.name: sha256_of(path) for path in sorted(draft.iterdir())},
        )
        # Witnesses may sign the closing block later, so that the statement does not bind them.
        (draft / WITNESSES).write_text(json.dumps(_signatures(head.block_number), indent=2) + "\n")
        (draft / CLOSING).write_bytes(closing.dump())
    return closing


def _check_ended(chain: Chain) -> None:
    if chain.is_shared:
        raise MoveRefused("Only the embedded chain is closed: nobody can close a shared network.")
    unsettled = [OutboxItem.Status.PENDING, OutboxItem.Status.SUBMITTED]
    if waiting := OutboxItem.objects.filter(status__in=unsettled).count():
        raise MoveRefused(f"{waiting:,} acts are on their way to the chain. Run settle until none.")
    if WaitingTransaction.objects.filter(status=WaitingTransaction.Status.WAITING).exists():
        raise MoveRefused("A holder's transaction waits for a block. Run settle, then again.")
    if chain.obstacle() != PAUSED:
        raise MoveRefused(
            "The contract is not paused. Send `pause()` with the pauser's or the admin's key, run "
            "settle, and close then: nothing may be added behind the closing block."
        )


def _check_sound(chain: Chain, progress: Progress) -> None:
    found = compare(chain)
    for first in found.differences[:1]:
        raise MoveRefused(
            f"Book and chain differ in {len(found.differences)} places, first in {first.what}: "
            f"the book says {first.expected}, the chain {first.actual}."
        )
    report = verify_stored_chain(progress=progress)
    if report.deviation is not None:
        block, what = report.deviation.block, report.deviation.what
        raise MoveRefused(f"The chain does not follow: block {block:,} deviates: {what}.")


def state_of(chain: Chain) -> State:
    """What the contract holds at the chain's head by the book, as `reconcile` compares it."""
    height = chain.head().number
    odometers: dict[int, int] = defaultdict(int)
    with sorting_on_disk():
        lots = {
            lot: Counters(**{name: getattr(c, name) for name in Counters.__dataclass_fields__})
            for lot, c in lots_at(height, odometers)
        }
        holdings = {place: amount for place, amount in balances_at(height) if amount}
        leaves = {lot_of(int(code, 16)): bytes(digest) for code, digest in _issued(height)}
    return State(lots, holdings, dict(odometers), leaves)


def _issued(height: int) -> Iterator[tuple[str, bytes | memoryview]]:
    """Each lot's asset and the leaf of its facts, as its issuance was sent."""
    issued = certified_by(height).filter(entry__kind="issue", position=0)
    return issued.values_list("asset__code", "entry__outbox_item__digest").iterator()


def _trust(height: int) -> bytes:
    """The trust file, in which no key may seal behind the closing block."""
    trust = registry_trust()
    sealers = tuple(replace(each, last_block=each.last_block or height) for each in trust.sealers)
    return dump(replace(trust, sealers=sealers))


def _signatures(height: int) -> list[dict[str, str]]:
    rows = WitnessSignature.objects.filter(block__height=height).order_by("witness__address")
    return [
        {
            "witness": f"0x{bytes(row.witness.address).hex()}",
            "signature": f"0x{bytes(row.signature).hex()}",
        }
        for row in rows.select_related("witness")
    ]
