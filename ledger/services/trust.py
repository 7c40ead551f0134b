"""What this registry publishes for checkers to trust: its chain, its contracts, its sealers."""

from collections.abc import Mapping

from django.conf import settings

from ledger.chain.keys import SEALER
from ledger.chain.opening import key_ring
from ledger.chain.state_proof import StateReader
from ledger.chain.store import Store
from ledger.domain.proof.block import parse_header
from ledger.domain.proof.trust import Contract, Sealer, Trust
from ledger.errors import ChainCorrupt, ProofUnavailable
from ledger.models import Batch, Block
from ledger.services.proof_sources import (
    certificates_address,
    chain_store,
    genesis_hash,
)


def registry_trust() -> Trust:
    """The trust file's content, from the registry's own keys and the last block's state.

    A retired key counts up to the last block that it sealed. A checker who got this from
    somewhere else than the proof knows who speaks; one who did not, does not.

    Raises: ProofUnavailable before the first batch; KeyUnavailable, ChainMissing, ChainCorrupt.
    """
    if settings.CHAIN_ADAPTER == "foreign":
        from ledger.services.network_proofs import network_trust

        return network_trust()
    last = Block.objects.order_by("-height").first()
    batch = Batch.objects.filter(status=Batch.Status.SEALED).order_by("-sequence").first()
    if last is None or batch is None:
        raise ProofUnavailable("Nothing has been sealed yet, so there is nothing to trust.")
    with chain_store() as store:
        reader = StateReader(store, bytes(last.block_hash))
        certificates = certificates_address(batch)
        batch_roots = reader.batch_roots_address(certificates)
        return Trust(
            chain_id=settings.CHAIN_ID,
            genesis_hash=genesis_hash(),
            batch_roots=_contract(reader, batch_roots),
            certificates=_contract(reader, certificates),
            sealers=_sealers(_ranges(store)),
        )


def _contract(reader: StateReader, address: bytes) -> Contract:
    return Contract(address, reader.account(address)[1].code_hash)


def _ranges(store: Store) -> dict[bytes, tuple[int, int]]:
    """The first and last block under each sealer's name."""
    found: dict[bytes, tuple[int, int]] = {}
    hashes = Block.objects.filter(height__gt=0).order_by("height").values_list("block_hash")
    for (block_hash,) in hashes.iterator():
        encoded = store.get(bytes(block_hash))
        if encoded is None:
            raise ChainCorrupt(f"The store lacks block 0x{bytes(block_hash).hex()}.")
        header = parse_header(encoded)
        first, _ = found.get(header.coinbase, (header.number, 0))
        found[header.coinbase] = (first, header.number)
    return found


def _sealers(ranges: Mapping[bytes, tuple[int, int]]) -> tuple[Sealer, ...]:
    keys = key_ring()
    current = keys.address(SEALER)
    known = sorted(keys.sealers() & ranges.keys(), key=lambda address: ranges[address])
    if not known:
        raise ProofUnavailable("No block was sealed by a key that is kept here.")
    return tuple(
        Sealer(address, ranges[address][0], None if address == current else ranges[address][1])
        for address in known
    )
