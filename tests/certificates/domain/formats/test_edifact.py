"""EDIFACT segments, as pydifact's tokenizer takes a message apart by characters."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydifact.control import Characters
from pydifact.exceptions import EDISyntaxError
from pydifact.token import Token
from pydifact.tokenizer import Tokenizer

from certificates.domain.formats.edifact import segments
from certificates.errors import MeterFileRefused

MARKS = Characters.from_str("UNA:+,? '")


def by_characters(text):
    """The same by the library."""
    found, parts = [], [[""]]
    for token in Tokenizer().get_tokens(text, MARKS):
        if token.type == Token.Type.CONTENT:
            parts[-1][-1] += token.value
        elif token.type == Token.Type.COMPONENT_SEPARATOR:
            parts[-1].append("")
        elif token.type == Token.Type.DATA_SEPARATOR:
            parts.append([""])
        else:
            found.append(parts)
            parts = [[""]]
    return found


@given(st.text("aZ1?+:' ,\xff", max_size=40))
def test_a_message_is_taken_apart_as_by_characters(text):
    assume("? " not in text)  # at a segment's start the library drops a released space
    text = f"QTY{text}".rstrip() + "'"
    try:
        expected = by_characters(text)
    except (EDISyntaxError, TypeError, ValueError, AssertionError):
        with pytest.raises(MeterFileRefused, match="cut off"):
            list(segments(text, MARKS))
    else:
        assert list(segments(text, MARKS)) == expected


def test_released_marks_are_content_and_lines_between_segments_are_not():
    text = "QTY+220:1,5'\r\nFTX+what??+is?+this?:?'a?b'\n"
    assert list(segments(text, MARKS)) == [
        [["QTY"], ["220", "1,5"]],
        [["FTX"], ["what?"], ["is+this:'ab"]],
    ]


def test_a_message_without_a_release_character_has_none():
    marks = Characters.from_str("UNA:+.  '")
    assert list(segments("FTX+a b?+c'", marks)) == [[["FTX"], ["a b?"], ["c"]]]


def test_marks_that_are_the_same_are_refused():
    with pytest.raises(MeterFileRefused, match="two marks one character"):
        list(segments("QTY+1'", Characters.from_str("UNA++,? '")))
