"""Small maps hold every place, true to scale."""

import math
import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from certificates.domain import maps
from certificates.domain.geography import great_circle_km

PLACES = st.builds(maps.Place, st.floats(-70, 70), st.floats(-170, 170))


@given(st.lists(PLACES, min_size=1, max_size=5))
def test_every_place_is_inside_the_map(places):
    view = maps.frame(places, width=480, height=400)
    for place in places:
        x, y = view.point(place)
        assert 0 <= x <= 480
        assert 0 <= y <= 400


@given(PLACES, st.floats(-2, 2), st.floats(-2, 2))
def test_distances_on_the_map_are_those_on_the_ground(place, north, east):
    other = maps.Place(place.latitude + north, place.longitude + east)
    true_km = great_circle_km(place.latitude, place.longitude, other.latitude, other.longitude)
    assume(true_km > 20)
    view = maps.frame([place, other], width=480, height=400)
    drawn_km = math.dist(view.point(place), view.point(other)) / view.units_per_km
    assert abs(drawn_km - true_km) < 0.02 * true_km + 2


def test_a_map_without_a_place_is_refused():
    with pytest.raises(ValueError, match="at least one place"):
        maps.frame([], width=480, height=400)


def test_land_is_cut_at_the_map_and_far_land_left_out():
    view = maps.frame([maps.Place(55, -3)], width=480, height=400)
    around = [(-30.0, 40.0), (20.0, 40.0), (20.0, 70.0), (-30.0, 70.0)]
    far = [(100.0, -10.0), (110.0, -10.0), (110.0, 0.0)]
    path = maps.coast(maps.Land.of([around, far]), view)
    assert path.count("M") == 1
    numbers = [float(text) for text in re.findall(r"-?[\d.]+", path)]
    assert all(-5 <= number <= 485 for number in numbers)


def area(points):
    return abs(
        sum(
            x * v - u * y for (x, y), (u, v) in zip(points, [*points[1:], *points[:1]], strict=True)
        )
    )


@given(st.lists(st.tuples(st.integers(-300, 800), st.integers(-300, 700)), min_size=3, max_size=40))
def test_points_far_outside_are_left_out_of_the_cutting_and_change_nothing(corners):
    points = [(float(x), float(y)) for x, y in corners]
    whole = points
    for axis, limit, sign in ((0, -4, 1), (0, 484, -1), (1, -4, 1), (1, 404, -1)):
        whole = list(maps._cut(whole, axis, limit, sign))
    cut = maps._clipped(np.array(points), 480, 400)
    assert all(-4 <= x <= 484 and -4 <= y <= 404 for x, y in cut)
    assert math.isclose(area(cut), area(whole), abs_tol=400)  # corners are rounded to tenths
