from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.counterparties import ALLOW, DENY, RULES, standing_in_the_way

LISTS = st.dictionaries(st.integers(1, 6), st.sampled_from(RULES))
OTHERS = st.integers(1, 6)


def test_an_empty_list_keeps_nobody_out():
    assert standing_in_the_way({}, 1) == ""


@given(LISTS, OTHERS)
def test_whoever_is_denied_is_kept_out_by_that_rule(rules, other):
    assert standing_in_the_way(rules | {other: DENY}, other) == DENY


@given(LISTS, OTHERS)
def test_whoever_is_allowed_is_never_kept_out(rules, other):
    assert standing_in_the_way(rules | {other: ALLOW}, other) == ""


@given(LISTS, OTHERS)
def test_who_is_not_named_gets_in_only_where_nobody_was_allowed(rules, other):
    rules.pop(other, None)
    expected = ALLOW if ALLOW in rules.values() else ""
    assert standing_in_the_way(rules, other) == expected
