"""GSRN: 18 digits, the last checks the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain import gsrn
from certificates.errors import InvalidGsrn

bodies = st.text(alphabet="0123456789", min_size=17, max_size=17)


def test_the_check_digit_agrees_with_a_number_computed_by_hand():
    # 7 3 5 0 0 5 3 8 5 0 0 0 0 0 0 0 1, weighted 3 1 3 ... 3: 99, up to 100 is 1.
    assert gsrn.check("735005385000000011") == "735005385000000011"


@given(bodies)
def test_exactly_one_last_digit_passes(body):
    passing = [digit for digit in "0123456789" if _passes(body + digit)]
    assert passing == [gsrn.check_digit(body)]


@given(bodies, st.integers(0, 16), st.integers(1, 9))
def test_one_mistyped_digit_is_always_found(body, place, shift):
    number = body + gsrn.check_digit(body)
    wrong = str((int(number[place]) + shift) % 10)
    assert not _passes(number[:place] + wrong + number[place + 1 :])


@given(st.integers(0, 10**13 - 1))
def test_a_running_number_is_read_back_from_its_gsrn(number):
    made = gsrn.make(gsrn.REGISTRY_PREFIX, number)
    assert gsrn.check(made) == made
    assert gsrn.running_number(made, gsrn.REGISTRY_PREFIX) == number
    assert gsrn.origin(made) == "registry"


def test_blanks_between_digits_are_forgiven():
    assert gsrn.check("7350 0538 5000 0000 11") == "735005385000000011"


@pytest.mark.parametrize(
    "text", ["", "123", "73500538500000001x", "7350053850000000111", "\u0661" * 18]
)
def test_what_is_not_18_digits_is_refused(text):
    with pytest.raises(InvalidGsrn, match="18 digits"):
        gsrn.check(text)


def test_a_wrong_check_digit_is_named_with_the_right_one():
    with pytest.raises(InvalidGsrn, match="check digit is 1"):
        gsrn.check("735005385000000012")


def test_a_running_number_too_long_is_refused():
    with pytest.raises(InvalidGsrn):
        gsrn.make(gsrn.REGISTRY_PREFIX, 10**13)


def _passes(text):
    try:
        gsrn.check(text)
    except InvalidGsrn:
        return False
    return True
