"""The files say the state exactly, and whatever else stands there is refused by its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.moving import State
from ledger.domain.moving_files import Closing, read_closing, read_state, state_lines
from ledger.errors import MoveRefused
from tests.ledger.domain.test_moving import acts, issues, old_chain, state_of

CLOSING = Closing(1, 2, "0x" + "ab" * 32, 7, "0x" + "cd" * 32, "0x" + "ef" * 32, {"a": "12" * 32})
GOOD = '{"device":"7","odometer":1}'


def read(*lines: str) -> State:
    return read_state(line.encode() for line in lines)


@given(st.lists(st.one_of(issues, acts), max_size=30))
def test_what_was_written_is_read_back(history):
    state = state_of(old_chain(history))
    found = read(*state_lines(state))
    assert (found.lots, found.odometers, found.leaves) == (
        state.lots,
        state.odometers,
        state.leaves,
    )
    assert found.holdings == {place: wh for place, wh in state.holdings.items() if wh}
    assert list(state_lines(found)) == list(state_lines(state))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "{}",
        "{",
        GOOD,  # a second time
        '{"device":"x","odometer":1}',
        '{"device":"8","odometer":-1}',
        '{"device":"8","odometer":1.5}',
        '{"device":"8","odometer":true}',
        '{"lot":"zz","counters":[],"leaf":""}',
        '{"lot":"1","counters":[1,2,3],"leaf":""}',
        '{"holder":"nobody","asset":"1","wh":1}',
        '{"holder":"0x12","asset":"1","wh":1}',
        '{"device":"8","odometer":1,"x":"' + "y" * 1_000 + '"}',
    ],
)
def test_a_line_that_is_none_is_named(line):
    with pytest.raises(MoveRefused, match="line 2"):
        read(GOOD, line)


def test_a_statement_is_read_back_and_has_one_hash():
    found = read_closing(CLOSING.dump())
    assert found == CLOSING
    assert found.statement == CLOSING.statement


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        CLOSING.dump().replace(b"closing/1", b"closing/2"),
        CLOSING.dump().replace(b'"height": 7', b'"height": "7"'),
        CLOSING.dump().replace(b'"height": 7', b'"height": true'),
        CLOSING.dump().replace(b"0xab", b"0xzz"),
        CLOSING.dump().replace(b"1212", b"12"),
        CLOSING.dump() + b" ",
    ],
)
def test_a_statement_that_is_none_or_was_touched_is_refused(content):
    with pytest.raises(MoveRefused, match=r"closing\.json"):
        read_closing(content)
