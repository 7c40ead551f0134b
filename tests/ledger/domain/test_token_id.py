from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.token_id import BOTH, RENEWABLE, TokenId, codes, lot_of, minute_of

KELMARSH_LOT = TokenId(
    1, 570_000_000_000_000_001, minute_of(datetime(2018, 7, 1, tzinfo=UTC)), 60, 0, BOTH
)


def token_ids():
    return st.builds(
        TokenId,
        kind=st.integers(1, 3),
        device=st.integers(0, (1 << 64) - 1),
        minute=st.integers(0, (1 << 32) - 1),
        length=st.integers(1, (1 << 16) - 1),
        sequence=st.integers(0, (1 << 32) - 1),
        mask=st.integers(1, 3),
    )


@given(token_ids())
def test_number_and_code_lead_back_to_the_token_id(token_id):
    assert TokenId.from_number(token_id.number) == token_id
    assert TokenId.from_code(token_id.code) == token_id


@given(token_ids(), token_ids())
def test_codes_sort_as_numbers_do(one, other):
    assert (one.code < other.code) == (one.number < other.number)


@given(token_ids())
def test_all_attributes_of_a_lot_share_its_lot_number(token_id):
    assert token_id.lot == lot_of(token_id.number)
    assert token_id.number - token_id.lot == token_id.mask


def test_a_known_token_id_reads_digit_by_digit():
    assert KELMARSH_LOT.code == "01" + "07e90bfae1f90001" + "018533a0" + "003c" + "00000000" + "03"
    assert KELMARSH_LOT.starts_at == datetime(2018, 7, 1, tzinfo=UTC)
    assert KELMARSH_LOT.ends_at == datetime(2018, 7, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", 0),
        ("kind", 4),
        ("device", 1 << 64),
        ("device", -1),
        ("minute", 1 << 32),
        ("length", 0),
        ("length", 1 << 16),
        ("sequence", 1 << 32),
        ("mask", 0),
        ("mask", 4),
    ],
)
def test_a_field_that_does_not_fit_is_refused(field, value):
    fields = {
        "kind": 1,
        "device": 1,
        "minute": 1,
        "length": 60,
        "sequence": 0,
        "mask": RENEWABLE,
    } | {field: value}
    with pytest.raises(ValueError, match="token id"):
        TokenId(**fields)


@pytest.mark.parametrize("number", [-1, 0, 1 << 160, KELMARSH_LOT.lot])
def test_a_number_that_is_no_token_id_is_refused(number):
    with pytest.raises(ValueError, match="token id"):
        TokenId.from_number(number)


@pytest.mark.parametrize("code", ["", "0x" + "0" * 38, KELMARSH_LOT.code.upper() + "0", "zz" * 20])
def test_a_text_that_is_no_code_is_refused(code):
    with pytest.raises(ValueError, match="token id"):
        TokenId.from_code(code)


def test_an_instant_between_minutes_or_without_zone_is_refused():
    with pytest.raises(ValueError, match="whole minute"):
        minute_of(datetime(2018, 7, 1, 0, 0, 30, tzinfo=UTC))
    with pytest.raises(ValueError, match="time zone"):
        minute_of(datetime(2018, 7, 1))  # noqa: DTZ001


@given(st.lists(token_ids(), min_size=1, max_size=4))
def test_codes_of_many_lots_are_those_of_each(tokens):
    first = tokens[0]
    alike = [
        replace(each, kind=first.kind, device=first.device, mask=first.mask) for each in tokens
    ]
    columns = ([getattr(each, name) for each in alike] for name in ("minute", "length", "sequence"))
    found = codes(first.kind, first.device, first.mask, *columns)
    assert found == [each.code for each in alike]


@pytest.mark.parametrize(("minute", "length"), [(1 << 32, 60), (-1, 60), (5, 0), (5, 1 << 16)])
def test_one_lot_among_many_that_does_not_fit_is_refused(minute, length):
    with pytest.raises(ValueError, match="token id"):
        codes(1, 1, BOTH, [5, minute, 5], [60, length, 60], [0, 0, 0])
