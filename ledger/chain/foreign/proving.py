"""What proves batches to somebody who knows a block's hash: its header, and a path in its state."""

from collections.abc import Sequence
from typing import Any

from ledger.chain import layout
from ledger.chain.foreign.contracts import Site
from ledger.chain.foreign.forms import WORD, data, encoded
from ledger.chain.foreign.reading import Reader
from ledger.domain.keccak import keccak256
from ledger.domain.proof.document import BlockProof

Nodes = tuple[bytes, ...]


def shown(
    reader: Reader, site: Site, block: tuple[int, bytes], sequences: Sequence[int]
) -> tuple[BlockProof, dict[int, Nodes]]:
    """A block by number and hash, and the nodes that lead to each batch's root in its state.

    Raises: NodeRefused when the node no longer has that state; ChainUnreachable for a node
    whose block is another, or does not hash to its hash.
    """
    number, block_hash = block
    header = reader.header(number)
    if keccak256(header) != block_hash:
        raise reader.node.nonsense(f"block {number} does not hash to the hash that was noted")
    keys = [layout.root_slot(each).to_bytes(WORD, "big") for each in sequences]
    asked = [encoded(site.roots), [encoded(key) for key in keys], encoded(number)]
    answer = reader.node.ask("eth_getProof", *asked)
    try:
        account, storage = _nodes(answer["accountProof"]), answer["storageProof"]
        paths = [_nodes(each["proof"]) for each in storage]
    except (ValueError, KeyError, TypeError) as error:
        raise reader.node.nonsense("a proof cannot be read") from error
    if len(paths) != len(sequences):
        raise reader.node.nonsense("a proof of other places than were asked for")
    proof = BlockProof(block_hash, header, None, site.roots, account)
    return proof, dict(zip(sequences, paths, strict=True))


def _nodes(answer: Any) -> Nodes:
    return tuple(data(each) for each in answer)
