"""Proof files: JSON in which every number is a text, so that no reader rounds one."""

import json
from typing import Any

from ledger.domain.proof.document import (
    FORMAT,
    BatchProof,
    BlockProof,
    Charge,
    EntryProof,
    Field,
    Opening,
    Proof,
    RetirementProof,
)
from ledger.domain.proof.reader import At, load_json

MAX_RETIREMENTS = 2_000
MAX_POSITION = (1 << 32) - 1
MAX_SIBLINGS, MAX_NODES, MAX_FIELDS = 40, 70, 64
TOP = ("format", "chain_id", "genesis_hash", "block", "charge", "batches", "entries", "retirements")
BLOCK = ("hash", "header", "seal", "contract", "account")
BATCH = ("sequence", "root", "entry_count", "storage")
RANGE = ("from_renewable", "from_emissions", "amount", "count")
ENTRY = ("batch", "index", "account", "id", *RANGE, "tree_root", "siblings")
RETIREMENT = ("entry", "index", "amount", "commitment", "siblings", "opening")


def parse(data: bytes) -> Proof:
    """A proof as a file has it, every part in its bounds; nothing of it is checked yet.

    Raises: ProofUnreadable, naming the place.
    """
    parts = At(load_json(data), "").members(*TOP)
    form, chain_id, genesis, block, charge, batches, entries, retirements = parts
    if form.value != FORMAT:
        form.fail(FORMAT)
    proof = Proof(
        chain_id=chain_id.number(),
        genesis_hash=genesis.data(32),
        block=_block(block),
        charge=_charge(charge),
        batches=batches.items(_batch, most=MAX_RETIREMENTS, least=1),
        entries=entries.items(_entry, most=MAX_RETIREMENTS, least=1),
        retirements=retirements.items(_retirement, most=MAX_RETIREMENTS, least=1),
    )
    _check_references(proof)
    return proof


def dump(proof: Proof) -> bytes:
    """The file of a proof: JSON without spaces, the same bytes for the same proof."""
    document = {
        "format": FORMAT,
        "chain_id": str(proof.chain_id),
        "genesis_hash": _hex(proof.genesis_hash),
        "block": {
            "hash": _hex(proof.block.hash),
            "header": _hex(proof.block.header),
            "seal": None if proof.block.seal is None else _hex(proof.block.seal),
            "contract": _hex(proof.block.contract),
            "account": [_hex(node) for node in proof.block.account],
        },
        "charge": {
            "fields": [
                {"name": field.name, "value": field.value, "salt": _hex(field.salt)}
                for field in proof.charge.fields
            ],
            "hidden": [_hex(digest) for digest in proof.charge.hidden],
        },
        "batches": [_batch_of(batch) for batch in proof.batches],
        "entries": [_entry_of(entry) for entry in proof.entries],
        "retirements": [_retirement_of(retirement) for retirement in proof.retirements],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _check_references(proof: Proof) -> None:
    """Every part is used, and none stands twice under another position."""
    top = At(None, "")
    if {entry.batch for entry in proof.entries} != set(range(len(proof.batches))):
        top.fail("entries that name every batch, and none that is missing")
    if {one.entry for one in proof.retirements} != set(range(len(proof.entries))):
        top.fail("retirements that name every entry, and none that is missing")
    for what, places in (
        ("batch", [batch.sequence for batch in proof.batches]),
        ("entry", [(entry.batch, entry.index) for entry in proof.entries]),
        ("retirement", [(one.entry, one.index) for one in proof.retirements]),
    ):
        if len(set(places)) != len(places):
            top.fail(f"every {what} once")


def _block(at: At) -> BlockProof:
    digest, header, seal, contract, account = at.members(*BLOCK)
    return BlockProof(
        hash=digest.data(32),
        header=header.data(),
        seal=None if seal.value is None else seal.data(most=8192),
        contract=contract.data(20),
        account=account.items(_node, most=MAX_NODES, least=1),
    )


def _charge(at: At) -> Charge:
    fields, hidden = at.members("fields", "hidden")
    return Charge(
        fields=fields.items(_field, most=MAX_FIELDS),
        hidden=hidden.items(_digest, most=MAX_FIELDS),
    )


def _node(at: At) -> bytes:
    return at.data()


def _digest(at: At) -> bytes:
    return at.data(32)


def _batch(at: At) -> BatchProof:
    sequence, root, entry_count, storage = at.members(*BATCH)
    return BatchProof(
        sequence=sequence.number(),
        root=root.data(32),
        entry_count=entry_count.number(MAX_POSITION, 1),
        storage=storage.items(_node, most=MAX_NODES, least=1),
    )


def _entry(at: At) -> EntryProof:
    batch, index, account, token, renewable, emissions, amount, count, root, siblings = at.members(
        *ENTRY
    )
    return EntryProof(
        batch=batch.number(MAX_RETIREMENTS),
        index=index.number(MAX_POSITION),
        account=account.data(20),
        token_id=int.from_bytes(token.data(20), "big"),
        from_renewable=renewable.number(),
        from_emissions=emissions.number(),
        amount=amount.number(),
        count=count.number(MAX_POSITION),
        tree_root=root.data(32),
        siblings=siblings.items(_digest, most=MAX_SIBLINGS),
    )


def _retirement(at: At) -> RetirementProof:
    entry, index, amount, commitment, siblings, opening = at.members(*RETIREMENT)
    return RetirementProof(
        entry=entry.number(MAX_RETIREMENTS),
        index=index.number(MAX_POSITION),
        amount=amount.number(),
        commitment=commitment.data(32),
        siblings=siblings.items(_sibling, most=MAX_SIBLINGS),
        opening=None if opening.value is None else _opening(opening),
    )


def _opening(at: At) -> Opening:
    interval, salt = at.members("interval", "salt")
    return Opening(interval.text(), salt.data(32))


def _sibling(at: At) -> tuple[int, bytes]:
    total, digest = at.members("sum", "hash")
    return total.number(), digest.data(32)


def _field(at: At) -> Field:
    name, value, salt = at.members("name", "value", "salt")
    return Field(name.text(), value.text(), salt.data(32))


def _hex(data: bytes) -> str:
    return f"0x{data.hex()}"


def _batch_of(batch: BatchProof) -> dict[str, Any]:
    return {
        "sequence": str(batch.sequence),
        "root": _hex(batch.root),
        "entry_count": str(batch.entry_count),
        "storage": [_hex(node) for node in batch.storage],
    }


def _entry_of(entry: EntryProof) -> dict[str, Any]:
    return {
        "batch": str(entry.batch),
        "index": str(entry.index),
        "account": _hex(entry.account),
        "id": f"0x{entry.token_id:040x}",
        "from_renewable": str(entry.from_renewable),
        "from_emissions": str(entry.from_emissions),
        "amount": str(entry.amount),
        "count": str(entry.count),
        "tree_root": _hex(entry.tree_root),
        "siblings": [_hex(sibling) for sibling in entry.siblings],
    }


def _retirement_of(one: RetirementProof) -> dict[str, Any]:
    return {
        "entry": str(one.entry),
        "index": str(one.index),
        "amount": str(one.amount),
        "commitment": _hex(one.commitment),
        "siblings": [{"sum": str(total), "hash": _hex(digest)} for total, digest in one.siblings],
        "opening": one.opening
        and {"interval": one.opening.interval, "salt": _hex(one.opening.salt)},
    }
