"""What a checker trusts without proof: a chain, a contract's code, and who may seal.

Of a network of others nobody seals for the registry: there it is blocks by their hash.
"""

import json
from dataclasses import dataclass
from typing import Any

from ledger.domain.proof.reader import MAX_QUANTITY, At, load_json

FORMAT = "renewable-energy-registry/trust/1"
NETWORK_FORMAT = "renewable-energy-registry/trust-in-blocks/1"
MAX_SEALERS = 1_000
MAX_CHECKPOINTS = 20_000
TOP = ("format", "chain_id", "genesis_hash", "contracts", "sealers", "threshold")
NETWORK_TOP = ("format", "chain_id", "genesis_hash", "contracts", "checkpoints")


@dataclass(frozen=True, slots=True)
class Contract:
    """`code_hash` is keccak256 of the code as deployed, what it was made with included."""

    address: bytes
    code_hash: bytes


@dataclass(frozen=True, slots=True)
class Sealer:
    """A key whose seals count from its first block to its last, both included."""

    address: bytes
    first_block: int
    last_block: int | None


@dataclass(frozen=True, slots=True)
class Trust:
    """`threshold` is how many of the sealers must have signed a block; `checkpoints` are blocks
    of a network by number and hash.
    """

    chain_id: int
    genesis_hash: bytes
    batch_roots: Contract
    certificates: Contract
    sealers: tuple[Sealer, ...]
    threshold: int = 1
    checkpoints: frozenset[tuple[int, bytes]] = frozenset()

    def may_seal(self, address: bytes, number: int) -> bool:
        return any(
            sealer.address == address
            and sealer.first_block <= number
            and (sealer.last_block is None or number <= sealer.last_block)
            for sealer in self.sealers
        )


def parse(data: bytes) -> Trust:
    """A trust file's content. Raises: ProofUnreadable, naming the place."""
    top = At(load_json(data), "")
    if isinstance(top.value, dict) and top.value.get("format") == NETWORK_FORMAT:
        _, chain_id, genesis, contracts, checkpoints = top.members(*NETWORK_TOP)
        named = checkpoints.items(_checkpoint, most=MAX_CHECKPOINTS, least=1)
        return _trust(chain_id, genesis, contracts, checkpoints=frozenset(named))
    form, chain_id, genesis, contracts, sealers, threshold = top.members(*TOP)
    if form.value != FORMAT:
        form.fail(FORMAT)
    return _trust(
        chain_id,
        genesis,
        contracts,
        sealers=sealers.items(_sealer, most=MAX_SEALERS, least=1),
        threshold=threshold.number(MAX_SEALERS, 1),
    )


def _trust(chain_id: At, genesis: At, contracts: At, **who: Any) -> Trust:
    batch_roots, certificates = contracts.members("batch_roots", "certificates")
    return Trust(
        chain_id=chain_id.number(),
        genesis_hash=genesis.data(32),
        batch_roots=_contract(batch_roots),
        certificates=_contract(certificates),
        **{"sealers": ()} | who,
    )


def dump(trust: Trust) -> bytes:
    """The trust file, indented: a person reads and compares it."""
    document: dict[str, Any] = {
        "format": NETWORK_FORMAT if trust.checkpoints else FORMAT,
        "chain_id": str(trust.chain_id),
        "genesis_hash": f"0x{trust.genesis_hash.hex()}",
        "contracts": {
            name: {
                "address": f"0x{contract.address.hex()}",
                "code_hash": f"0x{contract.code_hash.hex()}",
            }
            for name, contract in (
                ("batch_roots", trust.batch_roots),
                ("certificates", trust.certificates),
            )
        },
    }
    document |= _dumped_blocks(trust) if trust.checkpoints else _dumped_sealers(trust)
    return f"{json.dumps(document, indent=2)}\n".encode()


def _dumped_sealers(trust: Trust) -> dict[str, Any]:
    return {
        "sealers": [
            {
                "address": f"0x{sealer.address.hex()}",
                "first_block": str(sealer.first_block),
                "last_block": None if sealer.last_block is None else str(sealer.last_block),
            }
            for sealer in trust.sealers
        ],
        "threshold": str(trust.threshold),
    }


def _dumped_blocks(trust: Trust) -> dict[str, Any]:
    ordered = sorted(trust.checkpoints)
    return {"checkpoints": [{"number": str(n), "hash": f"0x{h.hex()}"} for n, h in ordered]}


def _checkpoint(at: At) -> tuple[int, bytes]:
    number, digest = at.members("number", "hash")
    return number.number(), digest.data(32)


def _contract(at: At) -> Contract:
    address, code_hash = at.members("address", "code_hash")
    return Contract(address.data(20), code_hash.data(32))


def _sealer(at: At) -> Sealer:
    address, first, last = at.members("address", "first_block", "last_block")
    return Sealer(
        address=address.data(20),
        first_block=first.number(),
        last_block=None if last.value is None else last.number(MAX_QUANTITY),
    )
