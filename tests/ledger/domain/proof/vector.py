"""The published test vector: a real receipt of two retirements, and whom to trust."""

import json
from pathlib import Path

from ledger.domain.proof.block import parse_header

FOLDER = Path(__file__).resolve().parents[4] / "docs" / "receipt-proof"
PROOF = (FOLDER / "proof.json").read_bytes()
TRUST = (FOLDER / "trust.json").read_bytes()


def document():
    """The proof as a fresh object that a test may change."""
    return json.loads(PROOF)


def leaves(value, path=()):
    """(path, text) of every text in a document."""
    if isinstance(value, str):
        yield path, value
        return
    if value is None:
        return
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for name, member in members:
        yield from leaves(member, (*path, name))


def put(value, path, text):
    """Write a text at a path."""
    for name in path[:-1]:
        value = value[name]
    value[path[-1]] = text


def unsealed():
    """The same receipt as if others had made its block, as a fresh object."""
    found = document()
    found["block"]["seal"] = None
    return found


def _network_trust():
    stated, block = json.loads(TRUST), document()["block"]
    number = str(parse_header(bytes.fromhex(block["header"][2:])).number)
    del stated["sealers"], stated["threshold"]
    stated["format"] = "renewable-energy-registry/trust-in-blocks/1"
    stated["checkpoints"] = [{"number": number, "hash": block["hash"]}]
    return json.dumps(stated).encode()


UNSEALED = json.dumps(unsealed(), ensure_ascii=False, separators=(",", ":")).encode()
NETWORK_TRUST = _network_trust()
