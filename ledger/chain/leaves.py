"""All that a trie holds, in the order of its keys, without holding it (yellow paper, appendix D).

Every node is read once and hashed; memory is that of a few thousand nodes, however many there are.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from ledger.chain.batched_trie import BRANCH, EMPTY_ROOT, VALUE, Child, Node, decode, unpack_path
from ledger.domain.keccak import keccak256
from ledger.errors import ChainCorrupt

DIGITS = "0123456789abcdef"
AT_ONCE = 1024  # nodes that are asked for together

Fetch = Callable[[Sequence[bytes]], Mapping[bytes, bytes]]
# A path with what lies there: a node that is still to be opened, or a leaf's value.
Place = tuple[str, Child | None, bytes]


def walk(fetch: Fetch, root: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(key, value) ascending by key; `fetch` gives nodes by their hashes.

    Places stand in order at all times: a level of nodes is opened together, and where that
    makes too many places the first of them go on alone.

    Raises: ChainCorrupt when a node is missing or is not what its hash says.
    """
    waiting: list[list[Place]] = [] if root == EMPTY_ROOT else [[("", root, b"")]]
    while waiting:
        places = waiting.pop()
        if len(places) > AT_ONCE:
            parts = range(0, len(places), AT_ONCE)
            waiting.extend(places[at : at + AT_ONCE] for at in reversed(parts))
            continue
        opened = list(_opened(fetch, places))
        if all(child is None for _, child, _ in opened):
            for path, _, value in opened:
                yield bytes.fromhex(path), value
        else:
            waiting.append(opened)


def _opened(fetch: Fetch, places: Sequence[Place]) -> Iterator[Place]:
    """What lies one node further, in the order of the paths."""
    nodes = fetch([child for _, child, _ in places if isinstance(child, bytes)])
    for place in places:
        path, child, _ = place
        if child is None:
            yield place
            continue
        node = child if isinstance(child, list) else decode(_sound(nodes, child))
        yield from _below(path, node)


def _below(path: str, node: Node) -> Iterator[Place]:
    if len(node) == BRANCH:
        if node[VALUE]:
            yield path, None, node[VALUE]
        for n in range(VALUE):
            if node[n]:
                yield path + DIGITS[n], node[n], b""
        return
    shared, is_leaf = unpack_path(node[0])
    yield (path + shared, None, node[1]) if is_leaf else (path + shared, node[1], b"")


def _sound(nodes: Mapping[bytes, bytes], digest: bytes) -> bytes:
    encoded = nodes.get(digest)
    if encoded is None or keccak256(encoded) != digest:
        raise ChainCorrupt(f"The store lacks 0x{digest.hex()}, which its state names.")
    return encoded
