"""A file is read whole or refused, with the place that is wrong."""

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.proof import files, trust
from ledger.domain.proof.reader import MAX_BYTES
from ledger.errors import ProofUnreadable
from tests.ledger.domain.proof.vector import PROOF, TRUST, document, leaves, put

pytestmark = pytest.mark.once


def test_a_file_reads_back_as_it_was_written():
    assert files.dump(files.parse(PROOF)) == PROOF
    assert trust.dump(trust.parse(TRUST)) == TRUST


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (path, wrong)
        for path, _ in leaves(document())
        for wrong in [None, 5, 1.5, True, [], {}, ["x"], "0xZZ", "-1", "01", "x\0y"]
        if not {"fields", "interval"} & set(path) and (path[-1], wrong) != ("seal", None)
    ],
)
def test_a_wrong_type_anywhere_is_refused_with_its_place(path, wrong):
    found = document()
    put(found, path, wrong)
    with pytest.raises(ProofUnreadable):
        files.parse(json.dumps(found).encode())


def test_the_place_is_named():
    found = document()
    found["entries"][1]["amount"] = "01"
    with pytest.raises(ProofUnreadable, match=r"entries\[1\].amount: expected a whole number"):
        files.parse(json.dumps(found).encode())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "expected an object with format"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 200_000, "nested too deeply"),
        (b'{"a":"1","a":"2"}', "names something twice"),
        (b"9" * 1_000_000, "Numbers are written as texts"),
        (b" " * (MAX_BYTES + 1), "larger than 4 MiB"),
    ],
)
def test_what_is_no_proof_file_is_refused_in_a_sentence(data, said):
    with pytest.raises(ProofUnreadable, match=said):
        files.parse(data)


def test_deep_nesting_is_refused_even_where_the_recursion_limit_was_raised():
    """py-evm raises it; the parser would then overrun its stack and end the process."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000_000)
    try:
        with pytest.raises(ProofUnreadable, match="nested too deeply"):
            files.parse(b"[" * 1_000_000)
    finally:
        sys.setrecursionlimit(limit)


@given(st.text(alphabet='[]{}"\\a,:', max_size=60))
def test_whatever_looks_like_a_file_is_read_or_refused(text):
    with pytest.raises(ProofUnreadable):
        files.parse(text.encode())


def test_brackets_within_texts_do_not_count_as_nesting():
    found = document()
    for named in found["charge"]["fields"]:
        if named["name"] == "evse":
            named["value"] = '["[[[[[[[[[[[[[[[[[[[[[[[[[['
    files.parse(json.dumps(found).encode())


@pytest.mark.parametrize("piece", ['"\\"', "[]", '"', "\\", '{"'])
def test_four_megabytes_of_anything_are_read_once(piece):
    with pytest.raises(ProofUnreadable):
        files.parse((piece * (MAX_BYTES // len(piece))).encode())


@pytest.mark.parametrize("name", ["batches", "entries", "retirements"])
def test_a_part_that_stands_twice_or_is_missing_is_refused(name):
    for members in (lambda all_: [*all_, all_[0]], lambda _: []):
        found = document()
        found[name] = members(found[name])
        with pytest.raises(ProofUnreadable):
            files.parse(json.dumps(found).encode())


def test_references_lead_nowhere_but_to_parts_of_the_file():
    found = document()
    found["retirements"][0]["entry"] = "7"
    with pytest.raises(ProofUnreadable, match="name every entry"):
        files.parse(json.dumps(found).encode())
