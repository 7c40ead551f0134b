"""Where the contracts are on a foreign network, how they come there, and that they are ours.

Their addresses follow from the key that created them with its nonces 0 and 1, so that a lost
directory loses no registry. A note beside the keys pins what was found: another network that
bears the same chain id is then refused, and the operator's key can be changed.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.chain import codec, layout
from ledger.chain.creation import creation_of
from ledger.chain.foreign.fees import Fee
from ledger.chain.foreign.forms import ADDRESS_BYTES, WORD, data, encoded
from ledger.chain.foreign.reading import Reader
from ledger.chain.foreign.transactions import Unsigned, sign
from ledger.chain.keys import OPERATOR, KeyRing
from ledger.domain.keccak import keccak256
from ledger.errors import ChainCorrupt, ChainMissing, ChainRejected

NOTE = "foreign.json"
CREATION_GAS = 1 << 23
CREATIONS = 2


@dataclass(frozen=True, slots=True)
class Site:
    """A network, the contracts on it, and the block from which their logs are read."""

    chain_id: int
    genesis_hash: bytes
    deployer: bytes
    since: int

    @property
    def roots(self) -> bytes:
        return codec.created_address(self.deployer, 0)

    @property
    def certificates(self) -> bytes:
        return codec.created_address(self.deployer, 1)


def check_network(reader: Reader, chain_id: int) -> None:
    """Raises: ChainRejected when the node is of another chain than the registry."""
    stated = reader.chain_id()
    if stated != chain_id:
        raise ChainRejected(
            f"{reader.node.name} is of chain {stated}, this registry of chain {chain_id}. Set "
            f"CHAIN_ID to the network's number before the first start, or name a node of chain "
            f"{chain_id} in LEDGER_CHAIN_URL."
        )


def noted_site(directory: Path) -> Site | None:
    """What was written down when the contracts were found. Raises: ChainCorrupt."""
    path = directory / NOTE
    try:
        note: dict[str, Any] = json.loads(path.read_text())
        return Site(
            chain_id=int(note["chain_id"]),
            genesis_hash=data(note["genesis_hash"], WORD),
            deployer=data(note["deployer"], ADDRESS_BYTES),
            since=int(note["since"]),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ChainCorrupt(
            f"{NOTE} in the chain's directory cannot be read ({error}). Remove it: it is written "
            f"again from what the network holds."
        ) from error


def note(directory: Path, site: Site) -> None:
    """Write it down, whole or not at all."""
    directory.mkdir(parents=True, exist_ok=True)
    draft = directory / f"{NOTE}.new"
    draft.write_text(
        json.dumps(
            {
                "chain_id": site.chain_id,
                "genesis_hash": encoded(site.genesis_hash),
                "deployer": encoded(site.deployer),
                "since": site.since,
                "certificates": encoded(site.certificates),
                "batch_roots": encoded(site.roots),
            },
            indent=1,
        )
    )
    draft.replace(directory / NOTE)


def check_site(reader: Reader, site: Site, registry_id: int) -> None:
    """Refuse a network or contracts that are not those of this registry.

    Raises: ChainMissing when there is no contract; ChainCorrupt when it is another.
    """
    if reader.block(0).hash != site.genesis_hash:
        raise ChainCorrupt(
            f"{reader.node.name} is of another network than before: it bears the same chain id, "
            f"but its first block differs. Name the right node in LEDGER_CHAIN_URL."
        )
    roots, certificates = (
        _code(reader, address, name)
        for address, name in (
            (site.roots, layout.BATCH_ROOTS),
            (site.certificates, layout.CERTIFICATES),
        )
    )
    _want(certificates, layout.CERTIFICATES, "registryId", registry_id, "see REGISTRY_ID")
    _want(certificates, layout.CERTIFICATES, "CHAIN_ID", site.chain_id, "see CHAIN_ID")
    _want(certificates, layout.CERTIFICATES, "batchRoots", int.from_bytes(site.roots, "big"), "")
    _want(roots, layout.BATCH_ROOTS, "writer", int.from_bytes(site.certificates, "big"), "")


def creations(
    *, keys: KeyRing, registry_id: int, chain_id: int, fee: Fee, uri: str = ""
) -> list[bytes]:
    """The two transactions that make the contracts, in order; `uri` is where the metadata are.

    Raises: KeyUnavailable.
    """
    plan = creation_of(keys, registry_id=registry_id, uri=uri)
    return [
        sign(Unsigned(chain_id, nonce, fee, CREATION_GAS, b"", code), keys.unlock(OPERATOR))
        for nonce, code in enumerate((plan.roots_code, plan.certificates_code))
    ]


def check_fresh(reader: Reader, deployer: bytes) -> None:
    """Raises: ChainRejected when the key has sent other things here: its first nonces are gone."""
    sent = reader.nonce(deployer, "latest")
    if sent >= CREATIONS and not reader.code(codec.created_address(deployer, 1)):
        raise ChainRejected(
            f"The operator's key {encoded(deployer)} has sent {sent} transactions on this network, "
            f"but not this registry's contracts: these are its first two. Either the network lacks "
            f"the Cancun rules, so that they could not be created, or the key served something "
            f"else: start with a key of its own."
        )


def _code(reader: Reader, address: bytes, name: str) -> bytes:
    code = reader.code(address)
    if not code:
        raise ChainMissing(
            f"There is no {name} contract on this network yet. Start the chain writer first."
        )
    stated = layout.artefact(name)
    if f"0x{keccak256(code[: stated['runtime_size']]).hex()}" != stated["runtime_hash"]:
        raise ChainCorrupt(f"The network runs another {name} contract than this software knows.")
    return code


def _want(code: bytes, name: str, immutable: str, value: int, see: str) -> None:
    stated = layout.artefact(name)
    start = stated["runtime_size"] + stated["layout"]["code_layout"][immutable]["offset"]
    if int.from_bytes(code[start : start + WORD], "big") != value:
        hint = f": {see}" if see else ""
        raise ChainCorrupt(f"The {name} contract was made with another {immutable}{hint}.")
