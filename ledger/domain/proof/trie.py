"""Merkle-Patricia tries (Ethereum yellow paper, appendix D): the nodes that prove one value.

The same walk reads a proof out of a store and checks one that somebody sent.
"""

from collections.abc import Callable, Sequence

from ledger.domain.keccak import keccak256
from ledger.domain.proof import rlp

BRANCH, SHORT = 17, 2
Fetch = Callable[[bytes], bytes]


def walk(fetch: Fetch, root: bytes, key: bytes) -> bytes:
    """The value under a key; `fetch` gives a node's RLP for its hash, the root's first.

    Raises: ValueError when the key is not there or a node is none.
    """
    path = [nibble for byte in key for nibble in (byte >> 4, byte & 15)]
    node: rlp.Item = rlp.decode(fetch(root))
    while True:
        if not isinstance(node, list) or len(node) not in (BRANCH, SHORT):
            raise ValueError("a node of the trie has neither 2 nor 17 items")
        if len(node) == BRANCH:
            child, is_value = (node[path.pop(0)], False) if path else (node[16], True)
        else:
            child, is_value = _along(node, path)
        if is_value:
            if not isinstance(child, bytes) or not child:
                raise ValueError("the key has no value in the trie")
            return child
        node = _resolve(fetch, child)


def _along(node: list[rlp.Item], path: list[int]) -> tuple[rlp.Item, bool]:
    """Follow a leaf or an extension, shortening the path."""
    coded, child = node
    if not isinstance(coded, bytes) or not coded:
        raise ValueError("a node of the trie has no path")
    flag = coded[0] >> 4
    if flag > 3 or (not flag & 1 and coded[0] & 15):
        raise ValueError("a node of the trie has a path of no known kind")
    nibbles = [coded[0] & 15] if flag & 1 else []
    nibbles += [nibble for byte in coded[1:] for nibble in (byte >> 4, byte & 15)]
    is_leaf = bool(flag & 2)
    if path[: len(nibbles)] != nibbles or (is_leaf and len(nibbles) != len(path)):
        raise ValueError("the key is not in the trie")
    if not is_leaf and not nibbles:
        raise ValueError("an extension of the trie leads nowhere")
    del path[: len(nibbles)]
    return child, is_leaf


def _resolve(fetch: Fetch, child: rlp.Item) -> rlp.Item:
    """A child node: written in place when it is shorter than its hash."""
    if isinstance(child, list):
        return child
    if len(child) != 32:
        raise ValueError("the key is not in the trie")
    return rlp.decode(fetch(child))


def read(fetch: Fetch, root: bytes, key: bytes) -> tuple[tuple[bytes, ...], bytes]:
    """The proof of a key as its nodes from the root down, and its value. Raises: ValueError."""
    nodes: list[bytes] = []

    def keep(digest: bytes) -> bytes:
        nodes.append(fetch(digest))
        return nodes[-1]

    value = walk(keep, root, key)
    return tuple(nodes), value


def prove(nodes: Sequence[bytes], key: bytes) -> tuple[bytes, bytes]:
    """The (root, value) that a proof shows; it holds the nodes of the path and no other.

    Raises: ValueError.
    """
    if not nodes:
        raise ValueError("there is no node")
    rest = iter(nodes)

    def take(digest: bytes) -> bytes:
        node = next(rest, b"")
        if keccak256(node) != digest:
            raise ValueError("a node is missing, or is not the one that the node above names")
        return node

    root = keccak256(nodes[0])
    value = walk(take, root, key)
    if next(rest, None) is not None:
        raise ValueError("there are more nodes than the path has")
    return root, value
