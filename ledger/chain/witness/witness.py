"""One round of a witness: fetch what is new, execute it, co-sign the head."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from eth.abc import BlockHeaderAPI

from ledger.chain import transcript
from ledger.chain.engine import Engine
from ledger.chain.follower import Follower, decode
from ledger.chain.framing import SealedBlock
from ledger.chain.opening import STORE_NAME
from ledger.chain.store import SQLiteStore
from ledger.chain.witness.source import HttpSource, StatedHead
from ledger.chain.witness.state import Notes
from ledger.chain.witness_mark import sign_block
from ledger.chain.writer_lock import WriterLock
from ledger.errors import ChainDeviates, ChainUnreadable, Equivocation, SourceUnavailable

Progress = Callable[[int, int], None]  # (blocks done, blocks in all)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did; `refusal` is why the registry took no signature, "" when it did.

    `agreed` peers showed the same chain; `unheard` says of each other one why it did not.
    """

    executed: int
    number: int
    hash: bytes
    state_root: bytes
    refusal: str
    agreed: int
    unheard: tuple[str, ...]


class Witness:
    """Follows one registry with one key and one directory; one process at a time."""

    def __init__(
        self,
        *,
        source: HttpSource,
        private_key: bytes,
        directory: Path,
        sealers: Collection[bytes] = (),
        peers: Sequence[HttpSource] = (),
        stock: bool = False,
    ) -> None:
        """Continue in the directory, or begin with the genesis.

        `sealers` are addresses whose seals count from now on, beside those accepted before;
        when there are none, the sealer of block 1 is accepted, and noted. `peers` are other
        witnesses, whose heads are compared with the own one before it is signed.
        `stock` executes on py-evm's own machine.
        Raises: ChainBusy, ChainCorrupt.
        """
        self._source = source
        self._key = private_key
        self._sealers, self._peers = set(sealers), tuple(peers)
        self._stock = stock
        self._lock = WriterLock(directory)
        try:
            self.notes = Notes(directory)
            self._store = SQLiteStore(directory / STORE_NAME, writable=True)
        except BaseException:
            self._lock.release()
            raise
        self._follower: Follower | None = None

    def chain_id(self) -> int | None:
        """The chain that is followed; None before the registry was first heard."""
        found = self.notes.values.get("chain_id")
        return None if found is None else int(found)

    def close(self) -> None:
        self._store.close()
        self._lock.release()

    def run(self, *, progress: Progress = lambda done, total: None) -> Round:
        """Fetch, execute and keep every new block; then sign the head and send the signature.

        Raises: SourceUnavailable, to be tried again; ChainDeviates and Equivocation, which
        stand: from then on this witness signs nothing of that chain.
        """
        proven = self.notes.values.get("equivocation")
        if proven:
            raise Equivocation(proven["height"], proven["what"])
        stated = self._source.head()
        follower = self._follower or self._begin(stated)
        self._compare(follower, stated, self._source)
        before = follower.head().block_number
        while (head := follower.head()).block_number < stated.number:
            self._fetch(follower, stated, progress)
            if follower.head().block_number == head.block_number:
                raise SourceUnavailable(
                    f"{self._source.url} names block {stated.number:,} its head and sends no "
                    f"block {head.block_number + 1:,}."
                )
        head = follower.head()
        if head.block_number == stated.number and head.hash != stated.hash:
            self._compare(follower, stated, self._source)
        unheard = self._compare_with_peers(follower)
        return Round(
            executed=head.block_number - before,
            number=head.block_number,
            hash=head.hash,
            state_root=head.state_root,
            refusal=self._sign(follower, head),
            agreed=len(self._peers) - len(unheard),
            unheard=unheard,
        )

    def _compare_with_peers(self, follower: Follower) -> tuple[str, ...]:
        """Why some could not be compared with. Raises: Equivocation.

        A peer is believed as little as the registry: only two seals at one height prove
        anything. A peer that is away, or answers nonsense, holds nobody up.
        """
        unheard = []
        for peer in self._peers:
            try:
                stated = peer.head()
                engine = follower.engine
                ours = (engine.chain_id, engine.genesis_hash)
                if (stated.chain_id, stated.genesis_hash) != ours:
                    unheard.append(f"{peer.url} follows another chain.")
                    continue
                self._compare(follower, stated, peer)
            except Equivocation:
                raise
            except (SourceUnavailable, ChainDeviates) as error:
                unheard.append(f"{peer.url}: {error}")
        return tuple(unheard)

    def _begin(self, stated: StatedHead) -> Follower:
        """Pin the chain at first sight, and hold it to that ever after."""
        notes = self.notes.values
        chain_id = int(notes.get("chain_id", stated.chain_id))
        if stated.chain_id != chain_id:
            raise ChainDeviates(0, f"it was chain {chain_id}, now it is chain {stated.chain_id}")
        try:
            transcript.check_genesis(self._source.genesis(), chain_id=chain_id)
        except ChainUnreadable as error:
            raise ChainDeviates(0, str(error).rstrip(".")) from error
        engine = Engine(self._store, chain_id=chain_id, stock=self._stock)
        if stated.genesis_hash != engine.genesis_hash:
            raise ChainDeviates(0, f"its hash is stated as 0x{stated.genesis_hash.hex()}")
        known = {bytes.fromhex(each[2:]) for each in notes.get("sealers", [])} | self._sealers
        self._follower = Follower(engine, sealers=known or None)
        self.notes.write({"from": self._source.url, "chain_id": chain_id, **_named(known)})
        return self._follower

    def _fetch(self, follower: Follower, stated: StatedHead, progress: Progress) -> None:
        first = follower.head().block_number + 1
        for height, sealed in enumerate(self._source.blocks(first, stated.number), start=first):
            try:
                header = follower.accept(sealed)
            except ChainDeviates as error:
                self.notes.keep_deviation(height=height, what=error.what, block=sealed)
                raise
            if follower.sealers is None:
                follower.sealers = {header.coinbase}
                self.notes.write(_named(follower.sealers))
            progress(header.block_number, stated.number)

    def _compare(self, follower: Follower, stated: StatedHead, source: HttpSource) -> None:
        """The chain of the registry, or of a peer, must be the one that was executed here."""
        own = follower.head()
        height = min(own.block_number, stated.number)
        if height == 0:
            return
        header = own if height == own.block_number else follower.engine.header(height)
        if height == stated.number and header.hash == stated.hash:
            return
        theirs = next(source.blocks(height, height), None)
        if theirs is None:
            raise SourceUnavailable(f"{source.url} sends no block {height:,}.")
        block = decode(theirs.block, height).header
        if block.hash == header.hash:
            if height == stated.number:
                raise SourceUnavailable(
                    f"{source.url} names a head that is not its block {height:,}."
                )
            return
        if block.block_number != height:
            raise ChainDeviates(height, f"block {block.block_number:,} came in its place")
        follower.check_seal(block, theirs.seal)
        self._accuse(follower.engine, (header, block), theirs, source.url)

    def _accuse(
        self,
        engine: Engine,
        headers: tuple[BlockHeaderAPI, BlockHeaderAPI],
        theirs: SealedBlock,
        shown_by: str,
    ) -> None:
        own, block = headers
        height = own.block_number
        digests = [engine.seal_digest(each) for each in headers]
        path = self.notes.keep_equivocation(
            height=height,
            ours=transcript.sealed_block(engine, height),
            theirs=theirs,
            facts={
                "chain_id": engine.chain_id,
                "genesis_hash": f"0x{engine.genesis_hash.hex()}",
                "sealer": f"0x{block.coinbase.hex()}",
                "hashes": [f"0x{each.hash.hex()}" for each in headers],
                "shown_by": [self._source.url, shown_by],
                "signed_digests": [f"0x{digest.hex()}" for digest in digests],
            },
        )
        what = (
            f"two sealed blocks exist, 0x{own.hash.hex()} and 0x{block.hash.hex()}; both are "
            f"kept in {path}"
        )
        self.notes.write({"equivocation": {"height": height, "what": what}})
        raise Equivocation(height, what)

    def _sign(self, follower: Follower, head: BlockHeaderAPI) -> str:
        if head.block_number == 0:
            return "the chain has no block yet"
        if self.notes.values.get("signed") == f"0x{head.hash.hex()}":
            return ""
        engine = follower.engine
        signature = sign_block(
            private_key=self._key,
            chain_id=engine.chain_id,
            genesis_hash=engine.genesis_hash,
            number=head.block_number,
            block_hash=head.hash,
        )
        refusal = self._source.post_signature(
            height=head.block_number, block_hash=head.hash, signature=signature
        )
        if not refusal:
            self.notes.write({"signed": f"0x{head.hash.hex()}", "height": head.block_number})
        return refusal


def _named(sealers: Collection[bytes]) -> dict[str, list[str]]:
    return {"sealers": sorted(f"0x{each.hex()}" for each in sealers)}
