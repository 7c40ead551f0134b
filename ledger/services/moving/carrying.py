"""The new chain gets what the old one held: in calls that are known beforehand, each once."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from ledger.chain import codec, port
from ledger.chain.port import Chain, Outcome, Unexplained
from ledger.domain.calls import Call
from ledger.domain.counters import Counters
from ledger.domain.keccak import keccak256
from ledger.domain.moving import moved
from ledger.errors import MoveRefused
from ledger.services.moving.bundle import Bundle

NOTE = "moving.json"
ROUND = 8  # calls sent together, as in settlement
FIRST = 1  # the contract's first sequence

Progress = Callable[[int, int], None]  # (calls done, in all)


@dataclass(frozen=True, slots=True)
class Plan:
    """How much there is to do: calls by kind, and the most gas that they take."""

    calls: dict[str, int]
    gas: int
    lots: int
    fillers: int
    must_unbundle: bool

    @property
    def total(self) -> int:
        return sum(self.calls.values())


def plan_of(bundle: Bundle) -> Plan:
    """Counts the calls without sending one."""
    from ledger.chain.foreign.transactions import gas_limit

    calls: dict[str, int] = {}
    gas = 0
    for sequence, call in enumerate(bundle.calls(), start=FIRST):
        kind = type(call).__name__
        calls[kind] = calls.get(kind, 0) + 1
        gas += gas_limit(call, codec.encode(sequence, call))
    after = moved(bundle.state)
    live = len(after.leaves)
    return Plan(calls, gas, live, len(after.lots) - live, "Unbundle" in calls)


def carry(
    chain: Chain,
    bundle: Bundle,
    *,
    clock: Callable[[], datetime],
    wait: Callable[[], None],
    progress: Progress,
) -> int:
    """Send the calls that the new contract has not had; the number of all of them.

    Call n of the plan bears sequence n, which the contract takes once, so that after a crash
    the contract itself says where to go on. On a shared chain `wait` is called between two
    looks at what is not final yet.

    Raises: MoveRefused when this is the old chain, another one's move, or a call is refused;
    ChainBusy, ChainUnreachable, ChainUnfunded: run it again then.
    """
    check_target(bundle)
    if obstacle := chain.obstacle():
        raise MoveRefused(f"The new contract takes no calls now: {obstacle}.")
    calls = list(bundle.calls())
    _check_note(chain, bundle, calls)
    total = len(calls)
    while (done := chain.next_sequence() - FIRST) < total:
        progress(done, total)
        nonce = chain.next_nonce()
        raws = [
            chain.prepare(FIRST + done + n, nonce + n, call).raw
            for n, call in enumerate(calls[done : done + ROUND])
        ]
        outcomes = chain.submit(raws, clock())
        _check_accepted(done, outcomes)
        if None in outcomes:
            wait()
            chain.refresh()
    progress(total, total)
    return total


def check_target(bundle: Bundle) -> None:
    """The new chain is another, of the same registry.

    Under one chain id a holder's signed acts would count on both. Raises: MoveRefused.
    """
    closing = bundle.closing
    if closing.chain_id == settings.CHAIN_ID:
        raise MoveRefused(
            f"CHAIN_ID is {closing.chain_id}, the closed chain's own. The new chain needs another: "
            "what holders signed for the one must not count on the other."
        )
    if closing.registry_id != settings.REGISTRY_ID:
        raise MoveRefused(
            f"REGISTRY_ID is {settings.REGISTRY_ID}; the closed chain's is {closing.registry_id}, "
            "and a registry keeps it for life."
        )


def _check_accepted(done: int, outcomes: list[Outcome | None]) -> None:
    for place, outcome in enumerate(outcomes):
        if outcome is not None and not outcome.success:
            hint = (
                " Let the admin's key send allowUnbundling(true), and run this again."
                if outcome.reason == "policy"
                else ""
            )
            raise MoveRefused(
                f"The new contract refused call {done + place + 1}: {outcome.reason}.{hint}"
            )


def _check_note(chain: Chain, bundle: Bundle, calls: Sequence[Call]) -> None:
    """Note which move this chain is for, before its first call."""
    statement = bundle.closing.statement.hex()
    stated = {"statement": statement, "calls": len(calls), "digest": _digest(calls)}
    path = Path(settings.CHAIN_DIR) / NOTE
    if path.exists():
        if _noted(path) != stated:
            raise MoveRefused(
                f"{path} names another move: this chain was begun with other files, or by another "
                "version. Go on with those, or start a new chain."
            )
        return
    if chain.next_sequence() != FIRST:
        raise MoveRefused(
            "The new contract has had calls already that are of no move noted here. A registry "
            "moves to a contract of its own, which is empty."
        )
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(stated))
    draft.rename(path)


def _noted(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except ValueError:
        return None


def _digest(calls: Sequence[Call]) -> str:
    running = bytes(32)
    for sequence, call in enumerate(calls, start=FIRST):
        running = keccak256(running + keccak256(codec.encode(sequence, call)))
    return running.hex()


def differences(chain: Chain, bundle: Bundle) -> list[Unexplained]:
    """Every place of the new contract's storage that is not as the closed one's state asks.

    Raises: MoveRefused before all calls are done; ChainUnreachable.
    """
    check_target(bundle)
    total = sum(1 for _ in bundle.calls())
    if (done := chain.next_sequence() - FIRST) < total:
        raise MoveRefused(f"{done:,} of {total:,} calls are done. Run carry until all are.")
    after = moved(bundle.state)
    return chain.unexplained(
        balances=after.holdings,
        lots={lot: _counters(counters) for lot, counters in after.lots.items()},
        odometers=after.odometers,
    )


def _counters(found: Counters) -> port.Counters:
    names = Counters.__dataclass_fields__
    return port.Counters(**{name: getattr(found, name) for name in names})
