"""What the operator of a registry decides about a network that is not theirs."""

from dataclasses import dataclass
from pathlib import Path

from ledger.chain.foreign.fees import RUNGS, ladder, wei
from ledger.chain.foreign.sending import FeePolicy
from ledger.errors import ChainRejected

FINALIZED = "finalized"


@dataclass(frozen=True, slots=True)
class Terms:
    """`depth` is how many blocks must follow one until it counts; None waits for the network's
    own finality. `directory` holds the note of where the contracts are, `uri` says where
    clients find an asset's metadata.
    """

    chain_id: int
    registry_id: int
    directory: Path
    depth: int | None
    fees: FeePolicy
    uri: str = ""


def terms_of(
    *,
    chain_id: int,
    registry_id: int,
    directory: Path,
    depth: str,
    fee_gwei: str,
    fee_cap_gwei: str,
) -> Terms:
    """The terms that the settings state as text. Raises: ChainRejected, naming the setting."""
    if depth != FINALIZED and not depth.isdecimal():
        raise ChainRejected(
            f"LEDGER_CHAIN_DEPTH is {depth!r}; use a number of blocks or {FINALIZED!r}."
        )
    first = _wei("LEDGER_CHAIN_FEE_GWEI", fee_gwei)
    cap = _wei("LEDGER_CHAIN_FEE_CAP_GWEI", fee_cap_gwei)
    if first > cap:
        raise ChainRejected(
            f"LEDGER_CHAIN_FEE_GWEI is {fee_gwei}, more than LEDGER_CHAIN_FEE_CAP_GWEI allows "
            f"({fee_cap_gwei})."
        )
    if first and ladder(first)[-1].most < cap:
        raise ChainRejected(
            f"LEDGER_CHAIN_FEE_GWEI is {fee_gwei}, too far below the cap of {fee_cap_gwei} "
            f"to reach it in {RUNGS - 1} steps of a quarter."
        )
    return Terms(
        chain_id=chain_id,
        registry_id=registry_id,
        directory=directory,
        depth=None if depth == FINALIZED else int(depth),
        fees=FeePolicy(first, cap),
    )


def _wei(name: str, gwei: str) -> int:
    try:
        return wei(gwei)
    except ValueError as error:
        raise ChainRejected(f"{name}: {error}.") from error
