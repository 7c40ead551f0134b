"""`port.Chain` over a network that is not ours: sent now, counted once it is final."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from types import TracebackType
from typing import Any, Self

from ledger.chain import codec
from ledger.chain.foreign import contracts, holdings, own
from ledger.chain.foreign.client import Node
from ledger.chain.foreign.contracts import CREATIONS, Site
from ledger.chain.foreign.fees import ladder
from ledger.chain.foreign.reading import Reader, Receipt, outcome
from ledger.chain.foreign.sending import Sender
from ledger.chain.foreign.terms import FINALIZED, Terms
from ledger.chain.foreign.transactions import Rungs, Unsigned, gas_limit, sign
from ledger.chain.keys import OPERATOR, KeyRing
from ledger.chain.port import BlockFacts, Counters, Head, Outcome, Prepared, Unexplained
from ledger.chain.writer_lock import WriterLock
from ledger.domain.calls import Call, Holder, OwnTransaction
from ledger.domain.custody import custody_address
from ledger.errors import ChainBusy, ChainMissing, ChainRejected

RECEIPTS_AT_ONCE = 16
COUNTERS = 7
ISSUER_AND_CUSTODIAN = 2 | 4  # the contract's role flags


class ForeignChain:
    """Reads count at the newest final block; a writer has the lock."""

    is_shared = True

    def __init__(
        self, node: Node, terms: Terms, keys: KeyRing, lock: WriterLock | None = None
    ) -> None:
        """A writer creates the contracts on its first start, and is told to come again.

        Raises: ChainUnreachable, ChainRejected (another chain id),
        ChainCorrupt (another network or contract), ChainMissing for a reader before the
        contracts are there, ChainBusy for a writer while they are on their way.
        """
        self._reader = Reader(node)
        self._terms, self._keys, self._lock = terms, keys, lock
        self._sender = Sender(self._reader, terms.fees)
        self._operator = keys.address(OPERATOR)
        contracts.check_network(self._reader, terms.chain_id)
        self._head = self._final()
        self._site = self._find_or_found()
        contracts.check_site(self._reader, self._site, terms.registry_id)
        if self._reader.nonce(self._site.deployer, self._head.number) < CREATIONS:
            kind = ChainBusy if lock else ChainMissing
            raise kind("The contracts are created, but not final on this network yet.")

    def head(self) -> Head:
        return self._head

    def refresh(self) -> Head:
        self._head = self._final()
        return self._head

    def block(self, number: int) -> BlockFacts:
        if number > self._head.number:
            raise ChainMissing(f"There is no final block {number} yet.")
        return self._reader.block(number)

    def next_sequence(self) -> int:
        return self._view("nextSequence()")[0]

    def operator(self) -> bytes:
        return self._operator

    def next_nonce(self) -> int:
        return self.nonce_of(self._operator)

    def nonce_of(self, address: bytes) -> int:
        return self._reader.nonce(address, self._head.number)

    def obstacle(self) -> str:
        if self._view("pausedAt()")[0]:
            return "paused"
        held = self._view("roleOf(address)", self._operator)[0]
        return "" if held & ISSUER_AND_CUSTODIAN == ISSUER_AND_CUSTODIAN else "role"

    def prepare(self, sequence: int, nonce: int, call: Call) -> Prepared:
        data = codec.encode(sequence, call)
        unsigned = Unsigned(
            chain_id=self._terms.chain_id,
            nonce=nonce,
            fee=ladder(self._terms.fees.first)[0],
            gas=gas_limit(call, data),
            to=self._site.certificates,
            data=data,
        )
        raw = sign(unsigned, self._key())
        return Prepared(raw=raw, hash=Rungs(raw, None).hash(0))

    def submit(self, raws: Sequence[bytes], now: datetime) -> list[Outcome | None]:
        """Outcomes of those that are final; the others are sent, or sent again dearer."""
        lock = self._writing()
        unique = {raw: Rungs(raw, self._key()) for raw in raws}
        for rungs in unique.values():
            self._check_own(rungs)
        self.refresh()
        spent = self.next_nonce()
        found = {
            raw: self._settled(rungs) if rungs.unsigned.nonce < spent else None
            for raw, rungs in unique.items()
        }
        waiting = self._in_turn([unique[raw] for raw in unique if found[raw] is None])
        if waiting:
            lock.check()
            try:
                self._sender.keep_up(waiting, now)
            except ChainBusy:
                # What is known already is not lost over what has to wait.
                if not any(found.values()):
                    raise
        return [found[raw] for raw in raws]

    def outcome(self, transaction_hash: bytes) -> Outcome | None:
        """By the hash that stands in a block: a replacement under a higher fee has its own."""
        return self._counted(self._reader.receipts([transaction_hash])[0])

    def eventful(self, first: int, last: int) -> Sequence[int]:
        return own.eventful(self._reader, self._site, first, last)

    def own_transactions(
        self, number: int, hashes: Collection[bytes]
    ) -> tuple[OwnTransaction, ...]:
        return own.own_transactions(self._reader, self._site, number, hashes)

    def balance(self, account: Holder, token_id: int) -> int:
        return self._view("balanceOf(address,uint256)", self._custody(account), token_id)[0]

    def counters(self, lot: int) -> Counters:
        return Counters(*self._view("counters(uint256)", lot))

    def odometer(self, device: int) -> int:
        return self._view("odometer(uint256)", device)[0]

    def unexplained(
        self,
        *,
        balances: Mapping[tuple[Holder, int], int],
        lots: Mapping[int, Counters],
        odometers: Mapping[int, int],
    ) -> list[Unexplained]:
        """As the port says, but by the contract's logs: a node shows no storage as a whole."""
        named = dict(balances.items())
        return holdings.differences(
            holdings.read_holdings(self._reader, self._site, self._head.number),
            addresses={account: self._custody(account) for account, _ in named},
            balances=named,
            lots=lots,
            odometers=odometers,
        )

    def close(self) -> None:
        self._reader.node.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _final(self) -> Head:
        """The newest block that counts. Raises: ChainMissing."""
        depth = self._terms.depth
        if depth is None:
            try:
                facts = self._reader.block(FINALIZED)
            except ChainMissing:
                raise ChainMissing(
                    "The network has no finalized block. Where it knows no finality, set "
                    "LEDGER_CHAIN_DEPTH to the number of blocks after which one counts."
                ) from None
        else:
            facts = self._reader.block("latest")
            if depth:
                facts = self._reader.block(max(facts.number - depth, 0))
        return Head(facts.number, facts.hash, facts.state_root, facts.timestamp)

    def _find_or_found(self) -> Site:
        """Where the contracts are; a writer sends their creation when they are nowhere."""
        site = contracts.noted_site(self._terms.directory) or Site(
            chain_id=self._terms.chain_id,
            genesis_hash=self._reader.block(0).hash,
            deployer=self._operator,
            since=0,
        )
        if self._lock is None:
            return site
        if not self._reader.code(site.certificates):
            self._create(site)
        elif contracts.noted_site(self._terms.directory) is None:
            contracts.note(self._terms.directory, site)
        return site

    def _create(self, site: Site) -> None:
        """Raises: ChainBusy until the contracts are there; ChainRejected."""
        contracts.check_fresh(self._reader, site.deployer)
        if contracts.noted_site(self._terms.directory) is None:
            since = Site(site.chain_id, site.genesis_hash, site.deployer, self._head.number)
            contracts.note(self._terms.directory, since)
        raws = contracts.creations(
            keys=self._keys,
            registry_id=self._terms.registry_id,
            chain_id=self._terms.chain_id,
            fee=ladder(self._terms.fees.first)[0],
            uri=self._terms.uri,
        )
        waiting = self._in_turn([Rungs(raw, self._key()) for raw in raws])
        self._sender.keep_up(waiting, datetime.now(UTC))
        raise ChainBusy("The contracts are on their way to the network. Come again in a moment.")

    def _settled(self, rungs: Rungs) -> Outcome | None:
        """The outcome of whichever rung a final block holds, once the nonce is spent.

        Raises: ChainRejected when something else spent it.
        """
        last = self._sender.rung(rungs)
        order = sorted(range(len(rungs)), key=lambda n: n != last)
        for start in range(0, len(order), RECEIPTS_AT_ONCE):
            hashes = [rungs.hash(n) for n in order[start : start + RECEIPTS_AT_ONCE]]
            for receipt in self._reader.receipts(hashes):
                if receipt:
                    return self._counted(receipt)
        raise ChainRejected(
            f"The operator's nonce {rungs.unsigned.nonce} was spent by a transaction that is not "
            f"this registry's. The key must serve the chain's writer alone."
        )

    def _counted(self, receipt: Receipt | None) -> Outcome | None:
        """What a receipt says, if its block is final and still where it was."""
        if receipt is None or receipt.block_number > self._head.number:
            return None
        if self._reader.block(receipt.block_number).hash != receipt.block_hash:
            return None
        reason = ""
        if not receipt.success:
            reason = self._reader.reason(receipt.hash, receipt.block_number)
        try:
            return outcome(receipt, self._site.certificates, reason)
        except ValueError as error:
            raise self._reader.node.nonsense(str(error)) from error

    def _in_turn(self, waiting: Sequence[Rungs]) -> list[Rungs]:
        """Those that no block holds, in order. Raises: ChainRejected for a gap before one."""
        mined = self._reader.nonce(self._operator, "latest")
        ordered = sorted(waiting, key=lambda rungs: rungs.unsigned.nonce)
        unmined = [rungs for rungs in ordered if rungs.unsigned.nonce >= mined]
        for expected, rungs in zip(count(mined), unmined, strict=False):
            if rungs.unsigned.nonce != expected:
                raise ChainRejected(
                    f"A transaction cannot be in the next block: its nonce is "
                    f"{rungs.unsigned.nonce}, expected {expected}."
                )
        return unmined

    def _check_own(self, rungs: Rungs) -> None:
        if rungs.unsigned.chain_id != self._terms.chain_id:
            raise ChainRejected(f"The transaction is not for chain {self._terms.chain_id}.")
        if rungs.sender != self._operator:
            raise ChainRejected(
                "A prepared batch is signed by another key than the operator's present one. Put "
                "the former key back until nothing is prepared any more."
            )

    def _key(self) -> bytes:
        self._writing()
        return self._keys.unlock(OPERATOR)

    def _writing(self) -> WriterLock:
        if self._lock is None:
            raise ChainRejected("This chain was opened for reading.")
        return self._lock

    def _custody(self, account: Holder) -> bytes:
        if isinstance(account, bytes):
            return account
        return custody_address(self._terms.chain_id, self._terms.registry_id, account)

    def _view(self, signature: str, *arguments: Any) -> list[int]:
        """The words that a view of the contract returns at the final block."""
        question = [(signature, arguments)]
        (answer,) = self._reader.views(self._site.certificates, self._head.number, question)
        if len(answer) not in (32, COUNTERS * 32):
            raise self._reader.node.nonsense(f"{signature} returns {len(answer)} bytes")
        return [int.from_bytes(answer[at : at + 32], "big") for at in range(0, len(answer), 32)]
