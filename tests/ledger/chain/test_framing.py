"""Blocks in a stream: whole items come out, and nothing unbounded goes in."""

import io

import pytest
import rlp
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.framing import SealedBlock, items
from ledger.errors import ChainUnreadable

LISTS = st.lists(st.lists(st.binary(max_size=400), max_size=5), max_size=6)


@given(LISTS)
def test_items_come_out_of_a_stream_as_they_went_in(lists: list[list[bytes]]) -> None:
    encoded = [rlp.encode(each) for each in lists]
    assert list(items(io.BytesIO(b"".join(encoded)).read)) == encoded


@given(LISTS, st.integers(2, 3_000), st.data())
def test_a_stream_cut_inside_an_item_is_said_to_be(
    lists: list[list[bytes]], size: int, data: st.DataObject
) -> None:
    before = b"".join(rlp.encode(each) for each in lists)
    last = rlp.encode([bytes(size)])
    kept = data.draw(st.integers(1, len(last) - 1), label="bytes of the last item")
    with pytest.raises(ChainUnreadable, match="cut off"):
        list(items(io.BytesIO(before + last[:kept]).read))


def test_an_item_is_refused_before_it_is_read_when_it_announces_too_much() -> None:
    asked: list[int] = []
    stream = io.BytesIO(b"\xff" + (1 << 60).to_bytes(8, "big") + bytes(100))

    def read(count: int) -> bytes:
        asked.append(count)
        return stream.read(count)

    with pytest.raises(ChainUnreadable, match="announced"):
        list(items(read))
    assert max(asked) == 8


@pytest.mark.parametrize("sent", [b"<html>", b"\x80", b"\x00"])
def test_what_is_no_list_is_refused(sent: bytes) -> None:
    with pytest.raises(ChainUnreadable, match="no list"):
        list(items(io.BytesIO(sent).read))


def test_a_sealed_block_survives_the_journey() -> None:
    sealed = SealedBlock(block=rlp.encode([b"header", [b"call"]]), seal=b"\xc1\x01")
    assert SealedBlock.decode(sealed.encode()) == sealed


@pytest.mark.parametrize("item", [b"\xc0", rlp.encode([b"a", b"b"]), rlp.encode([[], []])])
def test_other_items_are_no_sealed_blocks(item: bytes) -> None:
    with pytest.raises(ChainUnreadable, match="no sealed block"):
        SealedBlock.decode(item)
