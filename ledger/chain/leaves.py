"""All that a trie holds, in the order of its keys, without holding it (yellow paper, appendix D).

Every node is read once and hashed; memory is that of one path.
"""

from collections.abc import Callable, Iterator

from ledger.chain.batched_trie import BRANCH, EMPTY_ROOT, VALUE, Child, decode, unpack_path
from ledger.domain.keccak import keccak256
from ledger.errors import ChainCorrupt

DIGITS = "0123456789abcdef"


def walk(get: Callable[[bytes], bytes | None], root: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(key, value) ascending by key; `get` gives a node for its hash.

    Raises: ChainCorrupt when a node is missing or is not what its hash says.
    """
    stack: list[tuple[str, Child]] = [] if root == EMPTY_ROOT else [("", root)]
    while stack:
        path, child = stack.pop()
        node = child if isinstance(child, list) else decode(_load(get, child))
        if len(node) == BRANCH:
            if node[VALUE]:
                yield bytes.fromhex(path), node[VALUE]
            stack.extend((path + DIGITS[n], node[n]) for n in range(VALUE - 1, -1, -1) if node[n])
            continue
        shared, is_leaf = unpack_path(node[0])
        if is_leaf:
            yield bytes.fromhex(path + shared), node[1]
        else:
            stack.append((path + shared, node[1]))


def _load(get: Callable[[bytes], bytes | None], digest: bytes) -> bytes:
    encoded = get(digest)
    if encoded is None or keccak256(encoded) != digest:
        raise ChainCorrupt(f"The store lacks 0x{digest.hex()}, which its state names.")
    return encoded
