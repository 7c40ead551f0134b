"""A sheet says of many entries what each would say by itself."""

import hashlib
from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.sheet import Moves, Sheet

move = st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), st.integers(1, 10**15))
entry = st.tuples(
    st.sampled_from(["issue", "transfer", "supersede"]),
    st.none() | st.binary(max_size=3),
    st.lists(move, max_size=4),
)
entries = st.lists(entry, max_size=6)


def sheet_of(entries) -> Sheet:
    moves = [(n, *one) for n, (_, _, some) in enumerate(entries) for one in some]
    columns = np.array(moves, np.int64).reshape(len(moves), 5).T
    return Sheet(
        [f"key {n}" for n in range(len(entries))],
        [kind for kind, _, _ in entries],
        [digest for _, digest, _ in entries],
        Moves(*columns),
    )


@given(entries)
def test_a_content_is_the_hash_of_kind_digest_and_moves(entries):
    expected = []
    for kind, digest, moves in entries:
        text = ";".join(f"{source}>{to}:{asset}={wh}" for source, to, asset, wh in moves)
        said = "-" if digest is None else digest.hex()
        expected.append(hashlib.sha256(f"{kind}|{said}|{text}".encode()).digest())
    assert sheet_of(entries).contents() == expected


def test_contents_stay_what_they_were_in_every_book_so_far():
    """Keys that were posted years ago are compared with these."""
    sheet = sheet_of([("issue", b"\1\2", [(1, 2, 3, 40), (1, 4, 3, 5)]), ("transfer", None, [])])
    texts = [b"issue|0102|1>2:3=40;1>4:3=5", b"transfer|-|"]
    assert sheet.contents() == [hashlib.sha256(text).digest() for text in texts]


@given(entries)
def test_changes_are_the_sums_of_all_moves(entries):
    sums: dict[tuple[int, int], int] = defaultdict(int)
    for _, _, moves in entries:
        for source, destination, asset, amount in moves:
            sums[source, asset] -= amount
            sums[destination, asset] += amount
    found = zip(*(column.tolist() for column in sheet_of(entries).moves.changes()), strict=True)
    assert list(found) == [(*pair, wh) for pair, wh in sorted(sums.items()) if wh]


@given(entries)
def test_moves_are_counted_within_their_entry(entries):
    expected = [n for _, _, moves in entries for n in range(len(moves))]
    assert sheet_of(entries).moves.positions().tolist() == expected


@given(entries, st.data())
def test_some_of_a_sheet_is_a_sheet_of_these(entries, data):
    places = sorted(data.draw(st.sets(st.sampled_from(range(len(entries)))))) if entries else []
    some, alone = sheet_of(entries).only(places), sheet_of([entries[n] for n in places])
    assert some.keys == [f"key {n}" for n in places]
    assert some.contents() == alone.contents()
    assert some.moves.positions().tolist() == alone.moves.positions().tolist()
