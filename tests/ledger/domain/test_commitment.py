import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.commitment import commit, field_digest, field_digests, field_salt, fields_root
from ledger.domain.merkle import merkle_proof, root_from_proof

KEY = bytes(range(32))
CHARGE = "acme*GB*DEM*1"
RETIREMENT = "retire:GB*DEM:1:2018-07-01T00:00Z:1:1"
FIELDS = {"session": "GB*DEM*1", "amount_wh": "7200", "claimant": "Perth & Kinross"}
HOUR = "2018-07-01T00:00:00Z/PT60M"
texts = st.text(max_size=20)
fields = st.dictionaries(st.text(min_size=1, max_size=10), texts, min_size=1, max_size=8)
words = st.binary(min_size=32, max_size=32)


def test_known_fields_have_their_known_commitment():
    root = fields_root(FIELDS, KEY, CHARGE)
    commitment = commit(root, HOUR, field_salt(KEY, RETIREMENT, "interval"))
    assert commitment.hex() == "60b2b739837668d880e23bb32164d54ed9a201f91730af531eb3ab3938d4e7b0"


@given(fields, st.data())
def test_one_field_is_disclosed_without_the_others(items, data):
    name = data.draw(st.sampled_from(sorted(items)))
    digests = field_digests(items, KEY, CHARGE)
    digest = field_digest(name, items[name], field_salt(KEY, CHARGE, name))
    index = digests.index(digest)
    siblings = merkle_proof(digests, index)
    root = fields_root(items, KEY, CHARGE)
    assert root_from_proof(digest, index, len(digests), siblings) == root


@given(fields)
def test_order_does_not_matter_but_key_reference_and_values_do(items):
    root = fields_root(items, KEY, CHARGE)
    assert fields_root(dict(reversed(items.items())), KEY, CHARGE) == root
    assert fields_root(items, bytes(32), CHARGE) != root
    assert fields_root(items, KEY, CHARGE + "x") != root
    name = next(iter(items))
    assert fields_root(items | {name: items[name] + "x"}, KEY, CHARGE) != root


@given(words, words, texts, st.integers(0, 31))
def test_a_commitment_depends_on_every_byte_of_its_parts(root, salt, interval, at):
    def flipped(part):
        return part[:at] + bytes([part[at] ^ 1]) + part[at + 1 :]

    others = [
        commit(flipped(root), interval, salt),
        commit(root, interval + "x", salt),
        commit(root, interval, flipped(salt)),
    ]
    assert len({commit(root, interval, salt), *others}) == 4


def test_two_hours_of_one_charge_cannot_be_told_to_belong_together():
    root = fields_root(FIELDS, KEY, CHARGE)
    salts = [field_salt(KEY, f"{RETIREMENT}{n}", "interval") for n in range(2)]
    assert salts[0] != salts[1]
    assert commit(root, HOUR, salts[0]) != commit(root, HOUR, salts[1])


def test_a_name_cannot_borrow_bytes_from_its_value():
    salt = bytes(32)
    assert field_digest("ab", "c", salt) != field_digest("a", "bc", salt)


def test_parts_of_the_wrong_size_are_refused():
    for name, salt in [("", bytes(32)), ("x" * 256, bytes(32)), ("x", bytes(31))]:
        with pytest.raises(ValueError):
            field_digest(name, "", salt)
    for root, salt in [(bytes(31), bytes(32)), (bytes(32), bytes(33)), (b"", bytes(32))]:
        with pytest.raises(ValueError, match="32 bytes"):
            commit(root, HOUR, salt)
    with pytest.raises(ValueError, match="at least one"):
        fields_root({}, KEY, CHARGE)
    with pytest.raises(ValueError, match="32 bytes"):
        fields_root(FIELDS, b"short", CHARGE)
    with pytest.raises(ValueError, match="NUL"):
        fields_root(FIELDS, KEY, "a\0b")
