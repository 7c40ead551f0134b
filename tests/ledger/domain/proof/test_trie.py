"""A trie's proof holds exactly the nodes of one path."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from trie import HexaryTrie

from ledger.domain.proof import trie

pytestmark = pytest.mark.once
VALUES = st.dictionaries(
    st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=40), min_size=1, max_size=40
)


def built(values):
    made = HexaryTrie({})
    for key, value in values.items():
        made[key] = value
    return made


@given(VALUES, st.data())
def test_every_value_of_a_trie_is_proven(values, data):
    made = built(values)
    key = data.draw(st.sampled_from(sorted(values)))
    nodes, value = trie.read(made.db.__getitem__, made.root_hash, key)
    assert value == values[key]
    assert trie.prove(nodes, key) == (made.root_hash, value)


@given(VALUES, st.binary(min_size=4, max_size=4))
def test_what_is_not_in_a_trie_is_not_proven(values, key):
    assume(values.keys() - {key})
    made = built({other: value for other, value in values.items() if other != key})
    with pytest.raises(ValueError, match="trie"):
        trie.read(made.db.__getitem__, made.root_hash, key)


@given(VALUES, st.data())
def test_a_node_more_or_less_or_changed_is_refused(values, data):
    made = built(values)
    key = data.draw(st.sampled_from(sorted(values)))
    nodes, value = trie.read(made.db.__getitem__, made.root_hash, key)
    with pytest.raises(ValueError, match="node"):
        trie.prove((*nodes, nodes[0]), key)
    with pytest.raises(ValueError, match=r"node|RLP"):
        trie.prove(nodes[:-1], key)
    at = data.draw(st.integers(0, len(nodes[-1]) - 1))
    wrong = bytearray(nodes[-1])
    wrong[at] ^= 1
    try:
        shown = trie.prove((*nodes[:-1], bytes(wrong)), key)
    except ValueError:
        return
    assert shown != (made.root_hash, value)
