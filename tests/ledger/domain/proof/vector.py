"""The published test vector: a real receipt of two retirements, and whom to trust."""

import json
from pathlib import Path

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
