from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.keccak import keccak256
from ledger.domain.lot_data import data_leaf, leaf_maker, leaves


def test_a_leaf_is_the_hash_of_canonical_json():
    leaf = data_leaf({"start": "2018-07-01T00:00Z", "gsrn": "570000000000000001", "name": "Ä"})
    text = '{"gsrn":"570000000000000001","name":"Ä","start":"2018-07-01T00:00Z"}'
    assert leaf == keccak256(b"\x11" + text.encode())


@given(st.dictionaries(st.text(), st.text()))
def test_the_order_of_fields_changes_nothing(fields):
    assert data_leaf(dict(reversed(fields.items()))) == data_leaf(fields)


@given(
    st.dictionaries(st.text(max_size=5), st.text(), max_size=4),
    st.dictionaries(st.text(min_size=6, max_size=8), st.text(), max_size=4),
)
def test_a_leaf_of_many_lots_is_the_leaf_of_each(common, own):
    assert leaf_maker(common, list(own))(own) == data_leaf(common | own)


@given(
    st.dictionaries(st.text(max_size=5), st.text(), max_size=4),
    st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=4),
)
def test_leaves_of_many_lots_are_those_of_each(common, rows):
    columns = {f"column {n}": list(column) for n, column in enumerate(zip(*rows, strict=True))}
    each = [{name: column[n] for name, column in columns.items()} for n in range(len(rows))]
    assert leaves(common, columns) == [data_leaf(common | own) for own in each]
