"""Proofs out of a network of others: its node shows a block and a path in its state."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from ledger.chain.foreign import contracts, proving
from ledger.chain.foreign.client import Node, NodeRefused
from ledger.chain.foreign.contracts import Site
from ledger.chain.foreign.reading import Reader
from ledger.domain.keccak import keccak256
from ledger.domain.proof.document import BlockProof
from ledger.domain.proof.trust import MAX_CHECKPOINTS, Contract, Trust
from ledger.errors import ChainMissing, ProofUnavailable
from ledger.models import Batch, Block
from ledger.services.proof_places import Paths, block_of, last_of


@contextmanager
def network() -> Iterator["NetworkSource"]:
    """The network's node. Raises: ChainMissing, ChainCorrupt, ChainUnreachable."""
    site = contracts.noted_site(Path(settings.CHAIN_DIR))
    if site is None:
        raise ChainMissing("There are no contracts on the network yet. Start the chain writer.")
    node = Node(settings.LEDGER_CHAIN_URL)
    try:
        yield NetworkSource(Reader(node), site)
    finally:
        node.close()


class NetworkSource:
    """Blocks that others seal. Nodes forget old states: then the newest noted block serves."""

    def __init__(self, reader: Reader, site: Site) -> None:
        self.reader, self.site = reader, site

    def genesis_hash(self) -> bytes:
        return self.site.genesis_hash

    def show(self, batches: Sequence[Batch]) -> tuple[BlockProof, Paths]:
        own, newest = block_of(last_of(batches)), Block.objects.order_by("-height").first()
        sequences = [batch.sequence for batch in batches]
        for block in dict.fromkeys(each for each in (own, newest) if each):
            place = block.height, bytes(block.block_hash)
            try:
                return proving.shown(self.reader, self.site, place, sequences)
            except NodeRefused as error:
                refused = error
        raise ProofUnavailable(
            f"{self.reader.node.name} shows no state after block {own.height} ({refused}). Name an "
            f"archive node in LEDGER_CHAIN_URL, or come back after the next settlement."
        )


def network_trust() -> Trust:
    """Of a network: the contracts, and the newest blocks that proofs may show.

    Raises: ProofUnavailable, ChainMissing, ChainUnreachable.
    """
    noted = Block.objects.order_by("-height").values_list("height", "block_hash")
    checkpoints = frozenset((n, bytes(digest)) for n, digest in noted[:MAX_CHECKPOINTS])
    if not checkpoints:
        raise ProofUnavailable("Nothing has been settled yet, so there is nothing to trust.")
    with network() as chain:
        site, code = chain.site, chain.reader.code
        roots, certificates = (
            Contract(address, keccak256(code(address)))
            for address in (site.roots, site.certificates)
        )
        return Trust(
            chain_id=site.chain_id,
            genesis_hash=site.genesis_hash,
            batch_roots=roots,
            certificates=certificates,
            sealers=(),
            checkpoints=checkpoints,
        )
