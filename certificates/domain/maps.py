"""Small maps: where places and coastlines are drawn. Equirectangular, true to scale mid-map."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import cos, pi, radians
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from certificates.domain.geography import EARTH_RADIUS_KM


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the earth in degrees, WGS 84."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Frame:
    """A small map: equirectangular about its middle, true to scale there."""

    west: float
    north: float
    units_per_km: float
    width: int
    height: int
    km_per_degree_east: float

    KM_PER_DEGREE: ClassVar[float] = EARTH_RADIUS_KM * pi / 180

    def point(self, place: Place) -> tuple[float, float]:
        """Where a place is drawn, (0, 0) being the north-west corner."""
        east = (place.longitude - self.west) * self.km_per_degree_east
        south = (self.north - place.latitude) * self.KM_PER_DEGREE
        return round(east * self.units_per_km, 1), round(south * self.units_per_km, 1)

    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        east = self.west + self.width / self.units_per_km / self.km_per_degree_east
        south = self.north - self.height / self.units_per_km / self.KM_PER_DEGREE
        return self.west, south, east, self.north


def frame(places: Sequence[Place], *, width: int, height: int, least_km: float = 60) -> Frame:
    """The map that shows all places with a margin; never closer than `least_km` across.

    Raises: ValueError without a place.
    """
    if not places:
        raise ValueError("A map needs at least one place.")
    latitudes = [place.latitude for place in places]
    longitudes = [place.longitude for place in places]
    middle = Place((min(latitudes) + max(latitudes)) / 2, (min(longitudes) + max(longitudes)) / 2)
    per_degree_east = max(Frame.KM_PER_DEGREE * cos(radians(middle.latitude)), 1e-6)
    tall = (max(latitudes) - min(latitudes)) * Frame.KM_PER_DEGREE
    wide = (max(longitudes) - min(longitudes)) * per_degree_east
    span = max(tall * 1.4 / height, wide * 1.4 / width, least_km / min(width, height))
    return Frame(
        west=middle.longitude - span * width / 2 / per_degree_east,
        north=middle.latitude + span * height / 2 / Frame.KM_PER_DEGREE,
        units_per_km=1 / span,
        width=width,
        height=height,
        km_per_degree_east=per_degree_east,
    )


Ring = Sequence[tuple[float, float]]
Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Land:
    """Rings of (longitude, latitude) in degrees, and each one's west, south, east and north."""

    rings: tuple[Points, ...]
    boxes: Points

    @classmethod
    def of(cls, rings: Iterable[Ring]) -> "Land":
        """The land inside these rings."""
        points = tuple(np.array(ring, dtype=np.float64).reshape(-1, 2) for ring in rings)
        boxes = [(*ring.min(axis=0), *ring.max(axis=0)) for ring in points]
        return cls(points, np.array(boxes).reshape(-1, 4))


def coast(land: Land, view: Frame) -> str:
    """One path of the land inside the map.

    A ring is cut at the map's edges, and points closer than a tenth of a unit are dropped.
    """
    west, south, east, north = view.bounds()
    boxes = land.boxes
    reach_in = (boxes[:, 0] <= east) & (boxes[:, 2] >= west)
    reach_in &= (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
    per_degree = np.array((view.km_per_degree_east, -view.KM_PER_DEGREE)) * view.units_per_km
    parts = []
    for index in np.flatnonzero(reach_in):
        points = np.round((land.rings[index] - (west, north)) * per_degree, 1)
        drawn = list(_thinned(_clipped(points, view.width, view.height)))
        if len(drawn) > 2:
            parts.append("M" + "L".join(f"{x:g} {y:g}" for x, y in drawn) + "z")
    return "".join(parts)


def _thinned(points: Iterable[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    last: tuple[float, float] | None = None
    for x, y in points:
        if last is None or abs(x - last[0]) + abs(y - last[1]) >= 0.5:
            yield x, y
            last = (x, y)


def _clipped(points: Points, width: int, height: int, margin: int = 4) -> list[tuple[float, float]]:
    """Sutherland-Hodgman against a rectangle a little larger than the map."""
    edges = ((0, -margin, 1), (0, width + margin, -1), (1, -margin, 1), (1, height + margin, -1))
    for axis, limit, sign in edges:
        points = points[_near(sign * (points[:, axis] - limit) >= 0)]
    left = [(float(x), float(y)) for x, y in points]
    for axis, limit, sign in edges:
        left = list(_cut(left, axis, limit, sign))
        if not left:
            break
    return left


def _near(inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Points inside an edge and their neighbours: no others change what is cut there."""
    return inside | np.roll(inside, 1) | np.roll(inside, -1)


def _cut(
    points: list[tuple[float, float]], axis: int, limit: int, sign: int
) -> Iterator[tuple[float, float]]:
    for index, end in enumerate(points):
        start = points[index - 1]
        start_in = sign * (start[axis] - limit) >= 0
        end_in = sign * (end[axis] - limit) >= 0
        if start_in != end_in:
            part = (limit - start[axis]) / (end[axis] - start[axis])
            yield (
                round(start[0] + part * (end[0] - start[0]), 1),
                round(start[1] + part * (end[1] - start[1]), 1),
            )
        if end_in:
            yield end
