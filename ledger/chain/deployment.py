"""Block 1: the two contracts, created by the operator key; and how anyone finds them again."""

import time
from dataclasses import dataclass

from ledger.chain import codec, layout
from ledger.chain.creation import creation_of
from ledger.chain.engine import Engine
from ledger.chain.keys import OPERATOR, SEALER, KeyRing
from ledger.domain.keccak import keccak256
from ledger.errors import ChainCorrupt

# The contract's role flags, in the order in which Vyper numbers them.
ADMIN_FLAG, ISSUER_FLAG, CUSTODIAN_FLAG, PAUSER_FLAG = 1, 2, 4, 8


@dataclass(frozen=True, slots=True)
class Contracts:
    """Where the contracts are, and who deployed them: the first operator."""

    operator: bytes
    roots: bytes
    certificates: bytes


def deploy(engine: Engine, keys: KeyRing, *, registry_id: int, uri: str = "") -> None:
    """Seal block 1 with both creations; `uri` is where the metadata of assets are.

    Raises: ChainCorrupt when a creation fails; the store must then be removed.
    """
    plan = creation_of(keys, registry_id=registry_id, uri=uri)
    creations = [
        engine.decode(
            engine.sign(private_key=keys.unlock(OPERATOR), nonce=nonce, to=b"", data=code)
        )
        for nonce, code in enumerate((plan.roots_code, plan.certificates_code))
    ]
    timestamp = max(int(time.time()), engine.head().timestamp + 1)
    engine.seal_block(transactions=creations, timestamp=timestamp, sealer=keys.unlock(SEALER))
    for creation in creations:
        executed = engine.executed(creation.hash)
        if executed is None or not executed.success:
            raise ChainCorrupt("The contracts could not be created in block 1.")


def find_contracts(engine: Engine, registry_id: int) -> Contracts:
    """Read the contracts' addresses from block 1; no key is needed.

    Raises: ChainMissing before block 1; ChainCorrupt when the code is not this software's,
    or the contract was made for another registry.
    """
    creations = engine.block(1).transactions
    if len(creations) != len((layout.BATCH_ROOTS, layout.CERTIFICATES)):
        raise ChainCorrupt("Block 1 does not hold the two contracts.")
    operator = bytes(creations[0].sender)
    roots, certificates = (codec.created_address(operator, nonce) for nonce in (0, 1))
    state = engine.state(engine.header(1))
    for name, address in ((layout.BATCH_ROOTS, roots), (layout.CERTIFICATES, certificates)):
        size = layout.artefact(name)["runtime_size"]
        runtime = state.get_code(address)[:size]
        if f"0x{keccak256(runtime).hex()}" != layout.artefact(name)["runtime_hash"]:
            raise ChainCorrupt(f"The chain runs another {name} contract than this software knows.")
    try:
        found = codec.deployed_for(creations[1].data)
    except ValueError as error:
        raise ChainCorrupt(f"Block 1 does not hold the two contracts: {error}.") from error
    if found != registry_id:
        raise ChainCorrupt(f"This chain is not of registry {registry_id}: see REGISTRY_ID.")
    return Contracts(operator=operator, roots=roots, certificates=certificates)
