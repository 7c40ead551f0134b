import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.commitment import commit, field_digest, field_digests, field_salt
from ledger.domain.merkle import merkle_proof, root_from_proof

KEY = bytes(range(32))
REFERENCE = "retire:GB*DEM:1:2018-07-01T00:00Z:1:1"
FIELDS = {"session": "GB*DEM*1", "amount_wh": "7200", "claimant": "Perth & Kinross"}
texts = st.text(max_size=20)
fields = st.dictionaries(st.text(min_size=1, max_size=10), texts, min_size=1, max_size=8)


def test_known_fields_have_their_known_commitment():
    assert (
        commit(FIELDS, KEY, REFERENCE).hex()
        == "6fc619f9dcaa56f0bd708aca02a8762074ff43f22d1b9b1ec37d40d8acd7011e"
    )


@given(fields, st.data())
def test_one_field_is_disclosed_without_the_others(items, data):
    name = data.draw(st.sampled_from(sorted(items)))
    digests = field_digests(items, KEY, REFERENCE)
    digest = field_digest(name, items[name], field_salt(KEY, REFERENCE, name))
    index = digests.index(digest)
    siblings = merkle_proof(digests, index)
    assert root_from_proof(digest, index, len(digests), siblings) == commit(items, KEY, REFERENCE)


@given(fields)
def test_order_does_not_matter_but_key_reference_and_values_do(items):
    root = commit(items, KEY, REFERENCE)
    assert commit(dict(reversed(items.items())), KEY, REFERENCE) == root
    assert commit(items, bytes(32), REFERENCE) != root
    assert commit(items, KEY, REFERENCE + "x") != root
    name = next(iter(items))
    assert commit(items | {name: items[name] + "x"}, KEY, REFERENCE) != root


def test_a_name_cannot_borrow_bytes_from_its_value():
    salt = bytes(32)
    assert field_digest("ab", "c", salt) != field_digest("a", "bc", salt)


def test_parts_of_the_wrong_size_are_refused():
    for name, salt in [("", bytes(32)), ("x" * 256, bytes(32)), ("x", bytes(31))]:
        with pytest.raises(ValueError):
            field_digest(name, "", salt)
    with pytest.raises(ValueError, match="at least one"):
        commit({}, KEY, REFERENCE)
    with pytest.raises(ValueError, match="32 bytes"):
        commit(FIELDS, b"short", REFERENCE)
    with pytest.raises(ValueError, match="NUL"):
        commit(FIELDS, KEY, "a\0b")
