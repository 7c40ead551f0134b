"""Keeps prepared transactions in the network's pools until blocks hold them.

A transaction that the node does not know is sent (again), one that waits too long is replaced
by itself under a higher fee. What was sent is remembered only to spare the node: after a
restart it is sent again, and the pool says that it has it, or a dearer rung.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ledger.chain.foreign.client import NodeRefused
from ledger.chain.foreign.fees import WEI_IN_GWEI, highest_rung, rung_for
from ledger.chain.foreign.forms import encoded
from ledger.chain.foreign.reading import Reader
from ledger.chain.foreign.transactions import Rungs
from ledger.errors import ChainBusy, ChainUnfunded

# What nodes say, in small letters: geth, Besu, Nethermind, Erigon, Hardhat, Anvil.
IS_THERE = ("already known", "known transaction", "already imported", "alreadyknown",
            "nonce too low", "nonce already", "reverted")  # fmt: skip
IS_UNDERPRICED = ("underpriced", "replacement", "gas price too low", "replacementnotallowed")
IS_POOR = ("insufficient funds", "insufficient balance", "enough funds", "upfront cost",
           "insufficientfunds")  # fmt: skip
IS_DEAR = ("base fee", "basefee", "max fee per gas", "maxfeepergas", "feetoolow")
IS_FULL = ("pool is full", "txpool", "exceeds allowance", "too many")


@dataclass(frozen=True, slots=True)
class FeePolicy:
    """In wei per gas: the fee that is tried first and the most that is offered."""

    first: int
    cap: int
    patience: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class _Sent:
    hash: bytes
    rung: int
    at: datetime


class Sender:
    """Sends for one key through one node."""

    def __init__(self, reader: Reader, policy: FeePolicy) -> None:
        self._reader = reader
        self._policy = policy
        self._sent: dict[int, _Sent] = {}

    def rung(self, rungs: Rungs) -> int:
        """The rung that was sent last, as far as is remembered."""
        sent = self._sent.get(rungs.unsigned.nonce)
        return sent.rung if sent else 0

    def keep_up(self, waiting: Sequence[Rungs], now: datetime) -> None:
        """Send what is not in the pool, and raise the fee of what is stuck there.

        Raises: ChainUnfunded, ChainUnreachable, ChainBusy when gas is dearer than the cap or the
        node refuses one.
        """
        base_fee = self._reader.base_fee()
        self._sent = {
            rungs.unsigned.nonce: sent for rungs in waiting if (sent := self._remembered(rungs))
        }
        there = self._there()
        for rungs in waiting:
            nonce = rungs.unsigned.nonce
            rung = self._due(rungs, nonce in there, base_fee, now)
            if rung is not None:
                self._send(rungs, rung, base_fee, now)

    def _there(self) -> set[int]:
        """Nonces of what was sent and is still in the pool, or in a block by now."""
        known = self._reader.is_known([sent.hash for sent in self._sent.values()])
        return {nonce for nonce, is_there in zip(self._sent, known, strict=True) if is_there}

    def _remembered(self, rungs: Rungs) -> _Sent | None:
        """What this process sent of it last."""
        sent = self._sent.get(rungs.unsigned.nonce)
        is_same = sent and sent.rung < len(rungs) and sent.hash == rungs.hash(sent.rung)
        return sent if is_same else None

    def _due(self, rungs: Rungs, is_there: bool, base_fee: int, now: datetime) -> int | None:
        """The rung to send now, or None while the one in the pool may wait."""
        wanted = rung_for(rungs.fee(0).most, self._policy.cap, base_fee)
        sent = self._sent.get(rungs.unsigned.nonce)
        if sent is None:
            return wanted
        if not is_there:
            return max(sent.rung, wanted)
        is_hopeless = rungs.fee(sent.rung).most < base_fee
        is_old = now - sent.at >= self._policy.patience
        if (is_hopeless or is_old) and sent.rung < self._highest(rungs):
            return max(sent.rung + 1, wanted)
        return None

    def _highest(self, rungs: Rungs) -> int:
        return min(highest_rung(rungs.fee(0).most, self._policy.cap), len(rungs) - 1)

    def _send(self, rungs: Rungs, first: int, base_fee: int, now: datetime) -> None:
        highest = max(first, self._highest(rungs))
        for rung in range(first, highest + 1):
            if not self._is_underpriced(rungs, rung, base_fee):
                break
        rungs.forget(rung)
        self._sent[rungs.unsigned.nonce] = _Sent(rungs.hash(rung), rung, now)

    def _is_underpriced(self, rungs: Rungs, rung: int, base_fee: int) -> bool:
        """True when the pool holds another with this nonce that this one does not outbid."""
        try:
            self._reader.node.ask("eth_sendRawTransaction", encoded(rungs.raw(rung)))
        except NodeRefused as error:
            return self._judge(error, rungs, rung, base_fee)
        return False

    def _judge(self, error: NodeRefused, rungs: Rungs, rung: int, base_fee: int) -> bool:
        said = str(error).lower()
        if any(words in said for words in IS_THERE):
            return False
        if any(words in said for words in IS_UNDERPRICED):
            return True
        if any(words in said for words in IS_POOR):
            raise self._unfunded(rungs, rung) from error
        if any(words in said for words in IS_DEAR):
            raise ChainBusy(
                f"Gas costs {_gwei(base_fee)} gwei on this network, and "
                f"LEDGER_CHAIN_FEE_CAP_GWEI allows {_gwei(self._policy.cap)}. What waits is sent "
                f"when it is cheaper; raise the cap to send it now."
            ) from error
        if any(words in said for words in IS_FULL):
            raise ChainBusy(f"{self._reader.node.name} has no room for more: {error}.") from error
        # Sending again is harmless, so what is not understood is no reason to stop either.
        raise ChainBusy(
            f"{self._reader.node.name} refuses a transaction: {error}. It is tried again."
        ) from error

    def _unfunded(self, rungs: Rungs, rung: int) -> ChainUnfunded:
        operator = rungs.sender
        has = self._reader.wealth(operator)
        needs = rungs.fee(rung).most * rungs.unsigned.gas
        return ChainUnfunded(
            f"The operator's key {encoded(operator)} has {_coins(has)} of this network's coin and "
            f"may need up to {_coins(needs)} for the next transaction. Send it more; what waits "
            f"goes on by itself."
        )


def _gwei(wei: int) -> str:
    whole, rest = divmod(wei, WEI_IN_GWEI)
    return f"{whole}.{rest:09d}".rstrip("0").rstrip(".")


def _coins(wei: int) -> str:
    whole, rest = divmod(wei, WEI_IN_GWEI**2)
    return f"{whole}.{rest:018d}".rstrip("0").rstrip(".")
