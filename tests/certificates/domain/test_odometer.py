"""Stretches of Wh numbers."""

from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.odometer import Stretch, certificate_numbers, overlap

stretches = st.tuples(st.integers(0, 200), st.integers(1, 100)).map(
    lambda pair: Stretch(pair[0], pair[0] + pair[1])
)


def wh_of(stretch):
    return set(range(stretch.first, stretch.end)) if stretch else set()


@given(stretches, stretches)
def test_the_overlap_is_the_common_numbers(one, other):
    assert wh_of(overlap(one, other)) == wh_of(one) & wh_of(other)


def test_a_stretch_lies_in_the_certificates_of_its_wh():
    assert list(certificate_numbers(Stretch(999_999, 1_000_001))) == [0, 1]
    assert list(certificate_numbers(Stretch(0, 1_000_000))) == [0]
