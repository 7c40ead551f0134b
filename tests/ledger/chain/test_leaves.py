"""The walk gives what the stock trie holds, in order, and believes no node."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain import leaves
from ledger.chain.batched_trie import EMPTY_ROOT, BatchedTrie
from ledger.chain.leaves import walk
from ledger.domain.keccak import keccak256
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


def fetching(nodes):
    return lambda digests: {digest: nodes[digest] for digest in digests if digest in nodes}


@pytest.mark.parametrize("at_once", [1, 3, 1024])
@given(contents)
def test_every_leaf_comes_once_in_the_order_of_keys(at_once, content):
    nodes, root = stored(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leaves, "AT_ONCE", at_once)
        assert list(walk(fetching(nodes), root)) == sorted(content.items())


def test_no_more_nodes_are_asked_for_together_than_fit(monkeypatch):
    monkeypatch.setattr(leaves, "AT_ONCE", 20)
    nodes, root = stored({keccak256(bytes([n])): b"x" * 40 for n in range(200)})
    asked = []

    def fetch(digests):
        asked.append(len(digests))
        return fetching(nodes)(digests)

    assert len(list(walk(fetch, root))) == 200
    assert max(asked) <= 20
    assert sum(asked) == len(nodes)


def test_an_empty_trie_has_no_leaves():
    assert list(walk(fetching({}), EMPTY_ROOT)) == []


@given(contents.filter(bool), st.data())
def test_a_node_that_is_missing_or_another_is_said(content, data):
    nodes, root = stored(content)
    digest = data.draw(st.sampled_from(sorted(nodes)))
    for wrong in (None, nodes[digest] + b"x"):
        changed = {key: value for key, value in (nodes | {digest: wrong}).items() if value}
        with pytest.raises(ChainCorrupt, match=digest.hex()):
            list(walk(fetching(changed), root))
