"""The batched trie against py-evm's: the same roots, nodes and values, whatever is done."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trie import HexaryTrie
from trie.exceptions import MissingTrieNode

from ledger.chain.batched_trie import (
    EMPTY_ROOT,
    BatchedTrie,
    decode,
    encode,
    pack_path,
    unpack_path,
)
from ledger.chain.overlay import BlockDatabase
from ledger.chain.store import MemoryStore
from ledger.domain.keccak import keccak256
from ledger.errors import ChainCorrupt

# Keys that share long beginnings, end inside each other, or are hashes; values around the
# sizes at which a node stops being embedded in its parent.
KEYS = st.one_of(
    st.binary(max_size=3),
    st.sampled_from([bytes(31) + bytes([last]) for last in range(20)]),
    st.integers(0, 40).map(lambda number: keccak256(bytes([number]))),
)
VALUES = st.one_of(st.just(b""), st.binary(min_size=1, max_size=4), st.binary(max_size=70))
STEPS = st.lists(st.tuples(KEYS, VALUES), max_size=40)


@given(rounds=st.lists(STEPS, max_size=4))
def test_it_agrees_with_the_stock_trie(rounds: list[list[tuple[bytes, bytes]]]) -> None:
    stock_nodes, nodes, model = dict[bytes, bytes](), dict[bytes, bytes](), dict[bytes, bytes]()
    root = EMPTY_ROOT
    for steps in rounds:
        stock, batched = HexaryTrie(stock_nodes, root), BatchedTrie(nodes, root)
        for key, value in steps:
            stock[key] = batched[key] = model[key] = value
            assert batched[key] == value
        root = batched.commit(nodes.__setitem__)
        assert root == stock.root_hash
        again = BatchedTrie(nodes, root)
        for key, value in model.items():
            assert again[key] == value
            # Of an absent key that ends inside an extension the stock trie only says that it
            # is lost; keys of one length, as chains have them, never do.
            assert not value or stock[key] == value
            assert (key in again) == bool(value)
        assert again.commit(nodes.__setitem__) == root
    assert nodes.items() <= stock_nodes.items()


@given(steps=STEPS, later=STEPS)
def test_an_old_root_stays_readable(
    steps: list[tuple[bytes, bytes]], later: list[tuple[bytes, bytes]]
) -> None:
    nodes, before = dict[bytes, bytes](), dict[bytes, bytes]()
    trie = BatchedTrie(nodes)
    for key, value in steps:
        trie[key] = before[key] = value
    root = trie.commit(nodes.__setitem__)
    for key, value in later:
        trie[key] = value
    trie.commit(nodes.__setitem__)
    assert {key: BatchedTrie(nodes, root)[key] for key in before} == before


@given(keys=st.lists(KEYS, unique=True, max_size=30), data=st.data())
def test_what_is_removed_in_any_order_leaves_the_empty_root(
    keys: list[bytes], data: st.DataObject
) -> None:
    nodes = dict[bytes, bytes]()
    trie = BatchedTrie(nodes)
    for key in keys:
        trie[key] = b"value of " + key
    if data.draw(st.booleans()):
        trie = BatchedTrie(nodes, trie.commit(nodes.__setitem__))
    for key in data.draw(st.permutations(keys)):
        del trie[key]
    assert trie.commit(nodes.__setitem__) == EMPTY_ROOT


@given(path=st.text("0123456789abcdef", max_size=9), is_leaf=st.booleans())
def test_a_packed_path_is_read_back(path: str, is_leaf: bool) -> None:
    assert unpack_path(pack_path(path, is_leaf=is_leaf)) == (path, is_leaf)


NODES = st.recursive(st.binary(max_size=70), lambda each: st.lists(each, max_size=4), max_leaves=12)


@given(node=st.lists(NODES, max_size=17))
def test_an_encoded_node_is_read_back(node: list[object]) -> None:
    assert decode(encode(node)) == node


@pytest.mark.parametrize(("damage", "error"), [(None, MissingTrieNode), (b"\0", ChainCorrupt)])
def test_a_node_that_the_store_lost_or_altered_is_never_believed(
    damage: bytes | None, error: type[Exception]
) -> None:
    nodes = dict[bytes, bytes]()
    trie = BatchedTrie(nodes)
    trie[b"key"] = b"value" * 20
    root = trie.commit(nodes.__setitem__)
    store = MemoryStore()
    store.write({} if damage is None else {root: nodes[root] + damage}, ())
    database = BlockDatabase(store)
    with pytest.raises(error):
        BatchedTrie(database, root)[b"key"]
    with pytest.raises(error):
        BatchedTrie(database, root)[b"key"] = b"another"
