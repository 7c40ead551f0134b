"""The walk gives what the stock trie holds, in order, and believes no node."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.batched_trie import EMPTY_ROOT, BatchedTrie
from ledger.chain.leaves import walk
from ledger.errors import ChainCorrupt

pytestmark = pytest.mark.once
keys = st.binary(min_size=4, max_size=4)
contents = st.dictionaries(keys, st.binary(min_size=1, max_size=40), max_size=60)


def stored(content):
    """(nodes, root) of a trie."""
    nodes = {}
    trie = BatchedTrie(nodes)
    for key, value in content.items():
        trie[key] = value
    return nodes, trie.commit(nodes.__setitem__)


@given(contents)
def test_every_leaf_comes_once_in_the_order_of_keys(content):
    nodes, root = stored(content)
    assert list(walk(nodes.get, root)) == sorted(content.items())


def test_an_empty_trie_has_no_leaves():
    assert list(walk({}.get, EMPTY_ROOT)) == []


@given(contents.filter(bool), st.data())
def test_a_node_that_is_missing_or_another_is_said(content, data):
    nodes, root = stored(content)
    digest = data.draw(st.sampled_from(sorted(nodes)))
    for wrong in (None, nodes[digest] + b"x"):
        changed = nodes | {digest: wrong}
        with pytest.raises(ChainCorrupt, match=digest.hex()):
            list(walk(changed.get, root))
