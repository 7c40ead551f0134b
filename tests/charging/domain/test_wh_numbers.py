"""A stretch is cut where a megawatt-hour begins."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from charging.domain.wh_numbers import WH_PER_CERTIFICATE, stretches


@given(st.integers(0, 10**12), st.integers(1, 5_000_000))
def test_the_parts_are_the_stretch_without_gap_or_overlap(first, amount):
    parts = list(stretches(first, amount))
    numbers = [
        (
            part.certificate * WH_PER_CERTIFICATE + part.first,
            part.certificate * WH_PER_CERTIFICATE + part.last,
        )
        for part in parts
    ]
    assert numbers[0][0] == first
    assert numbers[-1][1] == first + amount - 1
    assert all(left[1] + 1 == right[0] for left, right in itertools.pairwise(numbers))
    assert all(0 <= part.first <= part.last < WH_PER_CERTIFICATE for part in parts)
