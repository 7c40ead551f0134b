"""A Merkle-Patricia trie that encodes and hashes what changed once, when its root is asked for.

py-evm's own trie does so at every write, for every level: most of a block's time. Roots and
nodes are the same to the byte (Ethereum yellow paper, appendix D); `batched_state` says how
to go back to the stock trie.

A node is a list: [compact path, value or child], or sixteen children and a value. A child is
a hash of 32 bytes, a list (not yet hashed, or too short to be), or nothing.
"""

from collections.abc import Callable
from typing import Any, Protocol

from eth_typing import Hash32
from trie.exceptions import MissingTrieNode

from ledger.chain.generations import Generations
from ledger.domain.keccak import keccak256

NOTHING = b""
EMPTY_ROOT = keccak256(b"\x80")
BRANCH = 17
VALUE = 16
HASH_BYTES = 32
EMPTY, A_HASH = 0x80, 0x80 + HASH_BYTES  # the first bytes of two strings in RLP
NIBBLE = {digit: value for value, digit in enumerate("0123456789abcdef")}

Node = list[Any]
Child = bytes | Node


class Nodes(Protocol):
    """Encoded nodes by hash, which they are known to have (`overlay` sees to it).

    Raises: KeyError, ledger.errors.ChainCorrupt.
    """

    def __getitem__(self, key: bytes) -> bytes: ...


class BatchedTrie:
    """A trie over stored nodes. Nodes are never changed in place, so old roots stay readable.

    Tries that are given the same `known` open each of its nodes once between them.
    """

    def __init__(
        self, nodes: Nodes, root_hash: bytes = EMPTY_ROOT, known: Generations[Node] | None = None
    ) -> None:
        self._nodes = nodes
        self._known = Generations[Node](0) if known is None else known
        self._base = root_hash
        self._root: Child = NOTHING if root_hash == EMPTY_ROOT else root_hash
        self._decoded: dict[bytes, Node] = {}

    def __getitem__(self, key: bytes) -> bytes:
        """The value, or nothing. Raises: MissingTrieNode."""
        path, child = key.hex(), self._root
        while child:
            node = self._open(child, key)
            if len(node) == BRANCH:
                if not path:
                    return bytes(node[VALUE])
                child, path = node[NIBBLE[path[0]]], path[1:]
                continue
            shared, is_leaf = unpack_path(node[0])
            if is_leaf:
                return node[1] if shared == path else NOTHING
            if not path.startswith(shared):
                return NOTHING
            child, path = node[1], path[len(shared) :]
        return NOTHING

    def __setitem__(self, key: bytes, value: bytes) -> None:
        """Raises: MissingTrieNode."""
        if not value:
            del self[key]
        else:
            self._root = self._put(self._root, key.hex(), value, key)

    def __delitem__(self, key: bytes) -> None:
        """Nothing happens when the key is not there. Raises: MissingTrieNode."""
        self._root = self._remove(self._root, key.hex(), key)

    def __contains__(self, key: bytes) -> bool:
        return self[key] != NOTHING

    def commit(self, store: Callable[[bytes, bytes], None]) -> bytes:
        """Encode and hash all that changed, children first; the root's hash."""
        if isinstance(self._root, list):
            top = self._fold(self._root, store)
            if isinstance(top, list):  # a root is hashed however short it is
                top = self._keep(top, encode(top), store)
            self._root = top
        return self._root or EMPTY_ROOT

    def _open(self, child: Child, key: bytes) -> Node:
        if isinstance(child, list):
            return child
        node = self._decoded.get(child)
        if node is None:
            node = self._known.get(child)
            if node is None:
                node = self._known[child] = decode(self._load(child, key))
            self._decoded[child] = node
        return node

    def _load(self, digest: bytes, key: bytes) -> bytes:
        try:
            return self._nodes[digest]
        except KeyError:
            raise MissingTrieNode(Hash32(digest), Hash32(self._base), key) from None

    def _put(self, child: Child, path: str, value: bytes, key: bytes) -> Node:
        """The node that stands in `child`'s place once the value is under it."""
        if not child:
            return [pack_path(path, is_leaf=True), value]
        node = self._open(child, key)
        if len(node) == BRANCH:
            return self._put_in_branch(node, path, value, key)
        own, is_leaf = unpack_path(node[0])
        if is_leaf and own == path:
            return [node[0], value]
        common = _common_length(own, path)
        if not is_leaf and common == len(own):
            return [node[0], self._put(node[1], path[common:], value, key)]
        branch: Node = [NOTHING] * BRANCH
        _hang(branch, own[common:], node[1], is_leaf=is_leaf)
        _hang(branch, path[common:], value, is_leaf=True)
        return [pack_path(path[:common], is_leaf=False), branch] if common else branch

    def _put_in_branch(self, node: Node, path: str, value: bytes, key: bytes) -> Node:
        changed = node.copy()
        if path:
            place = NIBBLE[path[0]]
            changed[place] = self._put(node[place], path[1:], value, key)
        else:
            changed[VALUE] = value
        return changed

    def _remove(self, child: Child, path: str, key: bytes) -> Child:
        """What stands in `child`'s place without the key; `child` itself when it was not there."""
        if not child:
            return child
        node = self._open(child, key)
        if len(node) == BRANCH:
            return self._remove_from_branch(child, node, path, key)
        own, is_leaf = unpack_path(node[0])
        if is_leaf:
            return NOTHING if own == path else child
        if not path.startswith(own):
            return child
        rest = self._remove(node[1], path[len(own) :], key)
        return child if rest == node[1] else self._prefixed(own, rest, key)

    def _remove_from_branch(self, child: Child, node: Node, path: str, key: bytes) -> Child:
        place = NIBBLE[path[0]] if path else VALUE
        rest = self._remove(node[place], path[1:], key) if path else NOTHING
        if rest == node[place]:
            return child
        changed = node.copy()
        changed[place] = rest
        used = [index for index, each in enumerate(changed) if each]
        if len(used) > 1:
            return changed
        (last,) = used
        if last == VALUE:
            return [pack_path("", is_leaf=True), changed[VALUE]]
        return self._prefixed(f"{last:x}", changed[last], key)

    def _prefixed(self, path: str, child: Child, key: bytes) -> Node:
        """A child below a path; paths that follow each other become one."""
        node = self._open(child, key)
        if len(node) == BRANCH:
            return [pack_path(path, is_leaf=False), child]
        own, is_leaf = unpack_path(node[0])
        return [pack_path(path + own, is_leaf=is_leaf), node[1]]

    def _fold(self, node: Node, store: Callable[[bytes, bytes], None]) -> Child:
        """The node as its parent refers to it: by hash, or itself when shorter than one."""
        folded = [self._fold(each, store) if isinstance(each, list) else each for each in node]
        encoded = encode(folded)
        return folded if len(encoded) < HASH_BYTES else self._keep(folded, encoded, store)

    def _keep(self, node: Node, encoded: bytes, store: Callable[[bytes, bytes], None]) -> bytes:
        digest = keccak256(encoded)
        store(digest, encoded)
        self._decoded[digest] = self._known[digest] = node
        return digest


def _common_length(left: str, right: str) -> int:
    for index, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return index
    return min(len(left), len(right))


def _hang(branch: Node, path: str, content: Any, *, is_leaf: bool) -> None:
    """Put a leaf's value, or an extension's child, below a new branch."""
    if not path:
        branch[VALUE] = content
    elif is_leaf or len(path) > 1:
        branch[NIBBLE[path[0]]] = [pack_path(path[1:], is_leaf=is_leaf), content]
    else:
        branch[NIBBLE[path[0]]] = content


def pack_path(path: str, *, is_leaf: bool) -> bytes:
    """Hexadecimal digits as bytes, with the kind of node and the parity in the first digit."""
    if len(path) % 2:
        return bytes.fromhex(("3" if is_leaf else "1") + path)
    return bytes.fromhex(("20" if is_leaf else "00") + path)


def unpack_path(packed: bytes) -> tuple[str, bool]:
    """Digits, and whether they end in a leaf."""
    digits = packed.hex()
    return digits[1:] if digits[0] in "13" else digits[2:], digits[0] in "23"


def encode(node: Node) -> bytes:
    """RLP of a node."""
    payload = b"".join([encode(each) if isinstance(each, list) else _string(each) for each in node])
    return _prefix(len(payload), 0xC0) + payload


def _string(value: bytes) -> bytes:
    size = len(value)
    if size == HASH_BYTES:
        return b"\xa0" + value
    if size == 0:
        return b"\x80"
    if size == 1 and value[0] < 0x80:
        return value
    return _prefix(size, 0x80) + value


def _prefix(size: int, base: int) -> bytes:
    if size < 56:
        return bytes((base + size,))
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((base + 55 + len(length),)) + length


def decode(encoded: bytes) -> Node:
    """A node from its RLP, for which its hash has vouched."""
    node: Node = []
    at, size = _header(encoded, 0)[0], len(encoded)
    while at < size:
        first = encoded[at]
        if first == A_HASH:  # most of what there is, and worth no call
            at += 1 + HASH_BYTES
            node.append(encoded[at - HASH_BYTES : at])
            continue
        if first == EMPTY:
            at += 1
            node.append(NOTHING)
            continue
        start, end = _header(encoded, at)
        is_list = first >= 0xC0
        node.append(decode(encoded[at:end]) if is_list else encoded[start:end])
        at = end
    return node


def _header(encoded: bytes, at: int) -> tuple[int, int]:
    """Where the item at `at` has its content, and where it ends."""
    first = encoded[at]
    if first < 0x80:
        return at, at + 1
    base = 0xC0 if first >= 0xC0 else 0x80
    size = first - base
    if size < 56:
        return at + 1, at + 1 + size
    start = at + 1 + size - 55
    return start, start + int.from_bytes(encoded[at + 1 : start], "big")
