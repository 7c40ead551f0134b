"""The picture of what became of energy: nothing is drawn larger or smaller than it is."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.fate_drawing import BAR, HEIGHT, fate_picture

KINDS = ("own", "others", "used", "expired", "withdrawn")
amounts = st.lists(st.integers(0, 10**13), min_size=5, max_size=5)


def tall(shape):
    return float(re.search(rf"h{BAR}v([\d.]+)", shape.path)[1])


@given(amounts)
def test_the_middle_is_as_high_as_the_left_and_in_proportion(values):
    places = list(zip(KINDS, values, strict=True))
    picture = fate_picture(places, "used", [])
    if not sum(values):
        assert picture is None
        return
    whole, *middle = picture.bars
    assert whole.kind == "all"
    assert tall(whole) == HEIGHT
    assert [bar.kind for bar in middle] == [kind for kind, wh in places if wh]
    wanted = [HEIGHT * wh / sum(values) for wh in values if wh]
    assert [tall(bar) for bar in middle] == pytest.approx([max(w, 1) for w in wanted], abs=0.01)
    assert len(picture.ribbons) == len(middle)


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=9))
def test_uses_stand_within_the_picture_and_share_what_was_used(uses):
    picture = fate_picture([("own", 5), ("used", sum(uses))], "used", uses)
    right = picture.bars[3:]
    assert len(right) == len(uses)
    ends = [float(bar.path.split(" ")[1].split("h")[0]) + tall(bar) for bar in right]
    assert max(ends) <= picture.height + 1.01
    assert ends == sorted(ends)


@given(amounts, st.lists(st.integers(1, 10**9), max_size=9))
def test_words_beside_bars_never_overlap_and_stay_within_the_picture(values, uses):
    places = [*zip(KINDS, values, strict=True), ("used", sum(uses))]
    picture = fate_picture(places, "used", uses)
    if picture is None:
        return
    for column in (picture.places_y, picture.uses_y):
        assert all(b - a >= picture.slot for a, b in pairwise(column))
        assert all(y + picture.slot <= picture.height for y in column)


def test_without_certificates_there_is_no_picture():
    assert fate_picture([("own", 0)], "used", []) is None
