"""The check of a receipt's proof, step by step, from what was used up to the seal or the hash.

Each step takes only what the steps before it have shown; the first that fails ends the
check. docs/receipt-proof.md is the specification.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from ledger.domain import sum_tree
from ledger.domain.calls import EntryRetired
from ledger.domain.commitment import commit, field_digest
from ledger.domain.keccak import keccak256
from ledger.domain.merkle import merkle_root, root_from_proof
from ledger.domain.proof import trie
from ledger.domain.proof.block import (
    Account,
    Header,
    parse_account,
    parse_header,
    seal_digest,
    signers_of,
)
from ledger.domain.proof.document import ROOTS_SLOT, EntryProof, Proof, RetirementProof
from ledger.domain.proof.rlp import decode
from ledger.domain.proof.statement import Statement, statement
from ledger.domain.proof.trust import Trust
from ledger.domain.token_id import EMISSIONS, RENEWABLE, TokenId

ENERGY = "energy_wh"


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was taken; `said` is the finding, or why it failed."""

    name: str
    passed: bool
    said: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`authenticated` when a trust file named who may seal, or the block; `statement` only when
    valid.
    """

    steps: tuple[Step, ...]
    valid: bool
    authenticated: bool
    statement: Statement | None

    @property
    def failed_step(self) -> str | None:
        return None if self.valid else self.steps[-1].name


@dataclass(slots=True)
class _Findings:
    """What has been shown so far."""

    proof: Proof
    trust: Trust | None
    before: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    entries: list[bytes] = field(default_factory=list)
    storage_root: bytes = b""
    account: Account | None = None
    state_root: bytes = b""
    header: Header | None = None


def verify(proof: Proof, trust: Trust | None = None) -> Verdict:
    """Check a proof; without a trust file it can be consistent, never authenticated."""
    found = _Findings(proof, trust)
    steps: list[Step] = []
    taken = STEPS if proof.block.seal is not None else UNSEALED_STEPS
    for name, check in taken.items():
        try:
            steps.append(Step(name, True, check(found)))
        except ValueError as error:
            steps.append(Step(name, False, str(error)))
            return Verdict(tuple(steps), valid=False, authenticated=False, statement=None)
    if found.header is None:
        raise RuntimeError("the steps ended without a header")
    said = statement(proof, found.before, found.header)
    return Verdict(tuple(steps), valid=True, authenticated=trust is not None, statement=said)


def _fields(found: _Findings) -> str:
    """One charge, shown only beside a retirement that leads to it, and within what it took."""
    proof, charge = found.proof, found.proof.charge
    named = {field.name: field.value for field in charge.fields}
    if len(named) != len(charge.fields):
        raise ValueError("a field stands twice")
    is_shown = bool(charge.fields or charge.hidden)
    if is_shown != any(one.opening for one in proof.retirements):
        raise ValueError("fields of a charge stand beside a retirement that opens to them")
    if ENERGY in named:
        _check_energy(proof, named[ENERGY])
    return f"{len(named)} fields of one charge, for {len(proof.retirements)} retirements"


def _check_energy(proof: Proof, energy: str) -> None:
    if not (energy.isascii() and energy.isdecimal() and len(energy) <= 20):
        raise ValueError(f"{ENERGY} is no number of Wh")
    used: Counter[int] = Counter()
    for one in proof.retirements:
        for attribute in (RENEWABLE, EMISSIONS):
            if proof.entries[one.entry].token_id & attribute:
                used[attribute] += one.amount
    if any(amount > int(energy) for amount in used.values()):
        raise ValueError("more was retired than the charge took")


def _commitment(found: _Findings) -> str:
    charge, retirements = found.proof.charge, found.proof.retirements
    digests = [field_digest(field.name, field.value, field.salt) for field in charge.fields]
    digests = sorted([*digests, *charge.hidden])
    root = merkle_root(digests) if digests else b""
    closed = 0
    for n, one in enumerate(retirements):
        if one.opening is None:
            closed += 1
        elif commit(root, one.opening.interval, one.opening.salt) != one.commitment:
            raise ValueError(f"retirement {n}: the charge does not lead to its commitment")
    said = f"{len(retirements) - closed} commitments follow from the charge's fields and the salts"
    return f"{said}; {closed} disclose nothing" if closed else said


def _leaf(found: _Findings) -> str:
    for n, one in enumerate(found.proof.retirements):
        try:
            _leaf_hash(one, found.proof.entries[one.entry])
        except ValueError as error:
            raise ValueError(f"retirement {n}: {error}") from error
    return "each leaf is made of the entry's asset, an amount and the commitment"


def _leaf_hash(one: RetirementProof, entry: EntryProof) -> bytes:
    return sum_tree.leaf_hash(entry.token_id, one.amount, one.commitment)


def _path(found: _Findings) -> str:
    for n, one in enumerate(found.proof.retirements):
        entry = found.proof.entries[one.entry]
        way = sum_tree.SumProof(index=one.index, count=entry.count, siblings=one.siblings)
        try:
            before, total, root = sum_tree.prove(entry.token_id, (one.amount, one.commitment), way)
        except ValueError as error:
            raise ValueError(f"retirement {n}: {error}") from error
        if root != entry.tree_root:
            raise ValueError(f"retirement {n}: its path leads to another tree root")
        found.before.append(before)
        found.totals.append(total)
    return "each leaf has its one place in its tree, every sum below 2^64"


def _sum(found: _Findings) -> str:
    for n, (one, total) in enumerate(zip(found.proof.retirements, found.totals, strict=True)):
        if total != found.proof.entries[one.entry].amount:
            raise ValueError(f"retirement {n}: its tree does not hold what was used up")
    return "each tree holds exactly the Wh that were used up"


def _entry(found: _Findings) -> str:
    for n, entry in enumerate(found.proof.entries):
        try:
            token = TokenId.from_number(entry.token_id)
            mask, _ = token.mask, token.ends_at
        except (ValueError, OverflowError) as error:
            raise ValueError(f"entry {n}: {error}") from error
        starts = ((RENEWABLE, entry.from_renewable), (EMISSIONS, entry.from_emissions))
        for attribute, start in starts:
            if start and not mask & attribute:
                raise ValueError(f"entry {n}: it numbers an attribute that it does not carry")
            if start + entry.amount > sum_tree.MAX_SUM:
                raise ValueError(f"entry {n}: its Wh numbers reach 2^64")
        found.entries.append(sum_tree.entry_hash(_as_retired(entry)))
    return f"{len(found.entries)} entries with their place among the plant's Wh"


def _as_retired(entry: EntryProof) -> EntryRetired:
    return EntryRetired(
        position=entry.index,
        account_address=entry.account,
        token_id=entry.token_id,
        from_renewable=entry.from_renewable,
        from_emissions=entry.from_emissions,
        amount=entry.amount,
        count=entry.count,
        tree_root=entry.tree_root,
    )


def _batch(found: _Findings) -> str:
    for n, (entry, digest) in enumerate(zip(found.proof.entries, found.entries, strict=True)):
        batch = found.proof.batches[entry.batch]
        try:
            top = root_from_proof(digest, entry.index, batch.entry_count, entry.siblings)
        except ValueError as error:
            raise ValueError(f"entry {n}: {error}") from error
        if sum_tree.root_of_batch(batch.entry_count, top) != batch.root:
            raise ValueError(f"entry {n}: it is not in its batch")
    return "each entry has its one place in its batch"


def _storage(found: _Findings) -> str:
    for batch in found.proof.batches:
        slot = keccak256(ROOTS_SLOT.to_bytes(32, "big") + batch.sequence.to_bytes(32, "big"))
        root, value = trie.prove(batch.storage, keccak256(slot))
        stored = decode(value)
        if not isinstance(stored, bytes) or stored.rjust(32, b"\0") != batch.root:
            raise ValueError(f"batch {batch.sequence}: the contract keeps another root")
        if found.storage_root not in (b"", root):
            raise ValueError("the batches are shown in different states of the contract")
        found.storage_root = root
    return f"{len(found.proof.batches)} batch roots are in the contract's storage"


def _account(found: _Findings) -> str:
    block, trust = found.proof.block, found.trust
    found.state_root, encoded = trie.prove(block.account, keccak256(block.contract))
    found.account = parse_account(encoded)
    if found.account.storage_root != found.storage_root:
        raise ValueError("the storage is not the contract's")
    if trust is not None:
        if block.contract != trust.batch_roots.address:
            raise ValueError("it is not the contract that the trust file names")
        if found.account.code_hash != trust.batch_roots.code_hash:
            raise ValueError("the contract runs another code than the trust file names")
        return "the storage is that of the trusted contract, its code included"
    return f"the storage is that of contract 0x{block.contract.hex()}"


def _state(found: _Findings) -> str:
    block = found.proof.block
    found.header = parse_header(block.header, is_sealed=block.seal is not None)
    if found.header.state_root != found.state_root:
        raise ValueError("the block's header names another state")
    return f"the contract is in the state of block {found.header.number}"


def _header(found: _Findings) -> str:
    if keccak256(found.proof.block.header) != found.proof.block.hash:
        raise ValueError("the header does not have the block's hash")
    return f"the header has the hash 0x{found.proof.block.hash.hex()}"


def _seal(found: _Findings) -> str:
    proof, header, trust = found.proof, found.header, found.trust
    if header is None or proof.block.seal is None:
        raise ValueError("there is no sealed header")
    _check_chain(found)
    digest = seal_digest(
        chain_id=proof.chain_id,
        genesis_hash=proof.genesis_hash,
        number=header.number,
        block_hash=proof.block.hash,
    )
    signers = signers_of(digest=digest, seal=proof.block.seal)
    if header.coinbase not in signers:
        raise ValueError("the block is not sealed by the key that its header names")
    if trust is None:
        return f"sealed by 0x{header.coinbase.hex()}, a key that nobody vouched for"
    known = [signer for signer in signers if trust.may_seal(signer, header.number)]
    if len(known) != len(signers) or len(known) < trust.threshold:
        raise ValueError("the trust file does not let these keys seal this block")
    return f"sealed by {len(known)} of the trusted keys"


def _checkpoint(found: _Findings) -> str:
    block, header, trust = found.proof.block, found.header, found.trust
    if header is None:
        raise ValueError("there is no header")
    _check_chain(found)
    if trust is None:
        return f"the hash of block {header.number} is one that nobody vouched for"
    if (header.number, block.hash) not in trust.checkpoints:
        raise ValueError(
            f"the trust file does not name block {header.number} with the hash "
            f"0x{block.hash.hex()}: ask a node of the network that you trust for it"
        )
    return f"the trust file names block {header.number} with this hash"


def _check_chain(found: _Findings) -> None:
    proof, trust = found.proof, found.trust
    chain = (proof.chain_id, proof.genesis_hash)
    if trust is not None and chain != (trust.chain_id, trust.genesis_hash):
        raise ValueError("it is a block of another chain than the trust file names")


STEPS: dict[str, Callable[[_Findings], str]] = {
    "fields": _fields,
    "commitment": _commitment,
    "leaf": _leaf,
    "path": _path,
    "sum": _sum,
    "entry": _entry,
    "batch": _batch,
    "storage": _storage,
    "account": _account,
    "state": _state,
    "header": _header,
    "seal": _seal,
}
# A block of a network of others has no seal: it is known by its hash, or not at all.
UNSEALED_STEPS = {name: check for name, check in STEPS.items() if name != "seal"} | {
    "checkpoint": _checkpoint
}
