"""Rows of one cause are those with the same reasons and the same ways out."""

from hypothesis import given
from hypothesis import strategies as st

from charging.domain import repairs
from charging.domain.hold_causes import WORDS, cause_of
from charging.domain.line_ranges import ranges

REASONS = st.lists(st.fixed_dictionaries({"reason": st.text(), "field": st.text()}), max_size=5)
KINDS = st.lists(st.sampled_from(sorted(WORDS)), max_size=5)


@given(REASONS, KINDS)
def test_the_order_and_fields_of_reasons_do_not_matter(reasons, kinds):
    ways = [{"kind": kind} for kind in kinds]
    one = cause_of(reasons, ways)
    other = cause_of([{**each, "field": "x"} for each in reversed(reasons)], ways)
    assert one == other
    assert len(one.ways) == len(set(one.ways)) == len(kinds)


def test_other_ways_out_are_another_cause():
    reasons = [{"reason": "No end."}]
    keys = {cause_of(reasons, [{"kind": kind}]).key for kind in WORDS}
    assert len(keys) == len(WORDS)
    assert cause_of(reasons, []).key not in keys


def test_every_kind_of_repair_has_words_for_many():
    assert set(WORDS) == set(repairs.WORDS)


@given(st.sets(st.integers(1, 60), max_size=40))
def test_ranges_name_each_line_once(lines):
    named = []
    for part in filter(None, ranges(sorted(lines)).split(", ")):
        first, _, last = part.partition("-")
        named += range(int(first), int(last or first) + 1)
    assert named == sorted(lines)
