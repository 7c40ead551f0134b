"""Every wrong line of an act is named; nothing is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain import bulk_lines
from certificates.domain.bulk_lines import Line, check_held, read_lines
from certificates.errors import LinesRefused

CODE = "0" * 39 + "3"
codes = st.text("0123456789abcdef", min_size=40, max_size=40)
amounts = st.integers(1, bulk_lines.LARGEST_WH)


def line(asset=CODE, amount_wh=1, **more):
    return {"asset": asset, "amount_wh": amount_wh, **more}


def refused(sent):
    with pytest.raises(LinesRefused) as caught:
        read_lines(sent)
    return [(each.line, each.field) for each in caught.value.lines]


@given(st.dictionaries(codes, amounts, min_size=1))
def test_good_lines_are_read_as_they_stand(wanted):
    sent = [line(asset, wh) for asset, wh in wanted.items()]
    found = read_lines(sent)
    assert [(each.asset, each.amount_wh) for each in found] == list(wanted.items())
    assert [each.number for each in found] == list(range(1, len(sent) + 1))


@pytest.mark.parametrize("sent", [None, [], {}, "x", 3])
def test_what_is_no_list_of_lines_is_refused_as_a_whole(sent):
    assert refused(sent) == [(0, "certificates")]


@pytest.mark.parametrize("wh", [0, -1, 1.0, True, "5", None, 1 << 63])
def test_an_amount_is_a_positive_whole_number_that_the_book_can_count(wh):
    assert refused([line(amount_wh=wh)]) == [(1, "amount_wh")]


@pytest.mark.parametrize("code", ["", "3", CODE.replace("3", "G"), "A" * 40, None, 3, CODE + "0"])
def test_a_certificate_is_named_by_forty_hexadecimal_digits(code):
    assert refused([line(asset=code)]) == [(1, "asset")]


def test_every_wrong_line_is_named_and_not_only_the_first():
    sent = [line(), 5, line("f" * 40, 0), line(), line("e" * 40, 1, amount_kwh=2), {}]
    assert refused(sent) == [
        (2, "certificates"),
        (3, "amount_wh"),
        (4, "asset"),
        (5, "amount_kwh"),
        (6, "asset"),
    ]


def test_more_lines_than_one_act_takes_are_refused(monkeypatch):
    monkeypatch.setattr(bulk_lines, "MOST_LINES", 2)
    assert refused([line(f"{n:040x}") for n in range(3)]) == [(0, "certificates")]


@given(st.dictionaries(codes, st.tuples(amounts, st.integers(0, 1 << 62)), min_size=1))
def test_exactly_the_lines_beyond_what_is_held_are_refused(wanted):
    lines = [Line(n, code, wh) for n, (code, (wh, _)) in enumerate(wanted.items(), start=1)]
    held = {code: has for code, (_, has) in wanted.items()}
    short = [each.number for each in lines if held[each.asset] < each.amount_wh]
    if not short:
        check_held(lines, held, "active")
        return
    with pytest.raises(LinesRefused) as caught:
        check_held(lines, held, "active")
    assert [each.line for each in caught.value.lines] == short


def test_the_message_says_which_line_how_many_and_that_nothing_was_done():
    with pytest.raises(LinesRefused) as caught:
        check_held([Line(4, CODE, 10), Line(5, "f" * 40, 1)], {CODE: 3}, "active")
    assert str(caught.value) == (
        "Line 4, amount_wh: 3 Wh of this certificate are active, 10 Wh are asked for. "
        "(2 lines are refused.) Nothing was done."
    )
