"""The chain as files that foreign implementations read, and back.

`genesis.json` is in the form of geth, with Prague from the start; `chain.rlp` holds the
blocks from 1 on, one after the other; `seals.jsonl` a line of number, hash and seal each.
"""

import json
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import rlp

from ledger.chain import framing, genesis
from ledger.chain.engine import Engine
from ledger.chain.follower import Follower
from ledger.chain.framing import SealedBlock
from ledger.errors import ChainUnreadable

GENESIS, BLOCKS, SEALS = "genesis.json", "chain.rlp", "seals.jsonl"
LONGEST_LINE = 1 << 20
Progress = Callable[[int, int], None]  # (blocks done, blocks in all)


def genesis_document(chain_id: int) -> dict[str, Any]:
    """The genesis as geth, Besu and the executable specification take it."""
    stated: dict[str, Any] = json.loads(genesis.PATH.read_text())
    return {**stated, "config": {"chainId": chain_id, **stated["config"]}}


def sealed_block(engine: Engine, number: int) -> SealedBlock:
    """A stored block and its seal. Raises: ChainMissing."""
    block = engine.block(number)
    seal = engine.seal_of(block.hash)
    return SealedBlock(block=bytes(rlp.encode(block)), seal=seal or b"")


def export(engine: Engine, directory: Path, *, progress: Progress) -> int:
    """Write the three files up to the head of this moment; returns its number.

    Raises: FileExistsError when one of them is there already.
    """
    directory.mkdir(parents=True, exist_ok=True)
    head = engine.head().block_number
    with (
        (directory / GENESIS).open("x") as stated,
        (directory / BLOCKS).open("xb") as blocks,
        (directory / SEALS).open("x") as seals,
    ):
        json.dump(genesis_document(engine.chain_id), stated, indent=2)
        stated.write("\n")
        for number in range(1, head + 1):
            sealed = sealed_block(engine, number)
            blocks.write(sealed.block)
            digest = engine.header(number).hash
            line = {"number": number, "hash": _hex(digest), "seal": _hex(sealed.seal)}
            seals.write(json.dumps(line) + "\n")
            progress(number, head)
    return int(head)


def read(directory: Path, *, chain_id: int) -> Iterator[SealedBlock]:
    """The blocks of an export, in order, with their seals.

    Raises: ChainUnreadable when a file is missing or cut off, or the genesis another.
    """
    try:
        stated = json.loads((directory / GENESIS).read_text())
    except (OSError, ValueError) as error:
        raise ChainUnreadable(f"{GENESIS} cannot be read: {error}") from error
    check_genesis(stated, chain_id=chain_id)
    try:
        with (directory / BLOCKS).open("rb") as blocks, (directory / SEALS).open("rb") as seals:
            for block in framing.items(blocks.read):
                yield SealedBlock(block=block, seal=_next_seal(seals))
            if seals.readline(1).strip():
                raise ChainUnreadable(f"{SEALS} holds more seals than {BLOCKS} has blocks.")
    except OSError as error:
        raise ChainUnreadable(f"The export cannot be read: {error}") from error


def check_genesis(stated: Any, *, chain_id: int) -> None:
    """Raises: ChainUnreadable unless it is the genesis of this software and chain."""
    expected = genesis_document(chain_id)
    if not isinstance(stated, dict):
        raise ChainUnreadable("The genesis is no JSON object.")
    for name, value in expected.items():
        if stated.get(name) != value:
            raise ChainUnreadable(
                f"The genesis is another one: its {name} is not that of chain {chain_id}."
            )


def import_into(
    engine: Engine,
    directory: Path,
    *,
    sealers: Collection[bytes] | None,
    progress: Progress,
) -> int:
    """Execute an export's blocks into an empty store; returns the head's number.

    Raises: ChainUnreadable, ChainDeviates.
    """
    follower = Follower(engine, sealers=sealers)
    number = 0
    for number, sealed in enumerate(read(directory, chain_id=engine.chain_id), start=1):
        follower.accept(sealed)
        progress(number, number)
    return number


def _next_seal(seals: BinaryIO) -> bytes:
    line = seals.readline(LONGEST_LINE)
    try:
        return bytes.fromhex(json.loads(line)["seal"].removeprefix("0x"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ChainUnreadable(f"{SEALS} lacks a line, or has one that is no seal.") from error


def _hex(value: bytes) -> str:
    return f"0x{value.hex()}"
