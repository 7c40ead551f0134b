"""Signed values of a charge: what agrees with a written number, and no text that breaks it."""

from datetime import UTC, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.meters.key_registry import KeyRegistry
from charging.domain.signed_charge import agrees, last_place_wh, prove
from tests.charging.domain.meters.made import Meter, charge

START, END = datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 1, 11, tzinfo=UTC)
GOOD = Meter(serial="M-1").ocmf(charge())


@given(
    st.integers(1, 10**9),
    st.integers(0, 3),
    st.sampled_from([ROUND_DOWN, ROUND_HALF_UP, ROUND_UP]),
)
def test_a_number_rounded_or_cut_anywhere_agrees_with_itself(signed_wh, places, way):
    written = (Decimal(signed_wh) / 1000).quantize(Decimal(1).scaleb(-places), way)
    stated_wh = int(written * 1000)
    assert agrees(stated_wh, last_place_wh(f"{written:f}", 1000), signed_wh)


@given(st.integers(20_000, 10**9), st.integers(2, 50))
def test_a_number_written_to_the_wh_that_is_percents_off_does_not_agree(wh, percents):
    assert not agrees(wh + wh * percents // 100, 1, wh)


@pytest.mark.parametrize(
    ("raw", "unit", "wh"),
    [
        ("10.5", 1000, 100),
        ("10,50", 1000, 10),
        ("7", 1000, 1000),
        ("1234", 1, 1),
        ("0.0001", 1000, 1),
    ],
)
def test_the_last_place_of_a_number(raw, unit, wh):
    assert last_place_wh(raw, unit) == wh


@given(st.text(max_size=40))
def test_whatever_is_written_as_a_number_has_a_last_place_of_a_unit_at_most(raw):
    assert 0 <= last_place_wh(raw, 1000) <= 1000


@given(
    st.one_of(
        st.text(max_size=300), st.integers(0, len(GOOD)).map(lambda n: GOOD[:n] + GOOD[n + 1 :])
    )
)
def test_no_text_breaks_it_and_none_proves_without_a_key(text):
    proof = prove([text], START, END, KeyRegistry())
    assert proof.energy_wh is None
    assert proof.refusals
    assert proof.points == ()
