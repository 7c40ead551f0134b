"""Geometry of the pictures: where each shape goes. No markup, no colours, no framework."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
HOURS_OF_DAY = 24


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in the picture's units."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class HourBar:
    """One hour of a charge: the height of its use, and inside it what was matched."""

    used: Box
    renewable: Box
    other: Box
    middle: float


@dataclass(frozen=True, slots=True)
class HourAmounts:
    """Whole Wh of one hour: used, matched by renewable, matched by any generation."""

    used_wh: int
    renewable_wh: int
    tracked_wh: int


def hour_bars(hours: Sequence[HourAmounts], *, width: int, height: int) -> list[HourBar]:
    """Bars from left to right, the tallest as high as the picture, matched from the ground up."""
    if not hours:
        return []
    step = width / len(hours)
    bar = min(step * 0.86, 120.0)
    top = max(hour.used_wh for hour in hours)
    bars = []
    for index, hour in enumerate(hours):
        x = index * step + (step - bar) / 2
        used, renewable, tracked = (
            height * amount / top for amount in (hour.used_wh, hour.renewable_wh, hour.tracked_wh)
        )
        bars.append(
            HourBar(
                used=_box(x, height - used, bar, used),
                renewable=_box(x, height - renewable, bar, renewable),
                other=_box(x, height - tracked, bar, tracked - renewable),
                middle=round(x + bar / 2, 2),
            )
        )
    return bars


def level(matched_wh: int, used_wh: int) -> int:
    """0 nothing matched, 1 less than half, 2 half or more, 3 all of it."""
    if matched_wh <= 0:
        return 0
    if matched_wh >= used_wh:
        return 3
    return 2 if 2 * matched_wh >= used_wh else 1


def heat_paths(levels: Mapping[tuple[int, int], int]) -> dict[int, str]:
    """One path per level for cells at (column, row), equal neighbours below each other joined.

    A path per level instead of a shape per cell keeps a year of hours under 100 kB.
    """
    paths: dict[int, list[str]] = {}
    for column, cells in groupby(sorted(levels.items()), key=lambda item: item[0][0]):
        for value, start, length in _runs((row, value) for (_, row), value in cells):
            paths.setdefault(value, []).append(f"M{column} {start}h1v{length}h-1z")
    return {value: "".join(parts) for value, parts in sorted(paths.items())}


def day_of_year(day: date) -> int:
    """0 for the first of January."""
    return day.timetuple().tm_yday - 1


def _runs(cells: Iterable[tuple[int, int]]) -> list[tuple[int, int, int]]:
    runs: list[tuple[int, int, int]] = []
    for row, value in cells:
        if runs and runs[-1][0] == value and runs[-1][1] + runs[-1][2] == row:
            runs[-1] = (value, runs[-1][1], runs[-1][2] + 1)
        else:
            runs.append((value, row, 1))
    return runs


def _box(x: float, y: float, width: float, height: float) -> Box:
    return Box(round(x, 2), round(y, 2), round(width, 2), round(height, 2))


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the earth in degrees, WGS 84."""

    latitude: float
    longitude: float


def distance_km(start: Place, end: Place) -> float:
    """Along a great circle (haversine)."""
    lat1, lat2 = radians(start.latitude), radians(end.latitude)
    across = sin((lat2 - lat1) / 2) ** 2
    across += cos(lat1) * cos(lat2) * sin(radians(end.longitude - start.longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(across)))


@dataclass(frozen=True, slots=True)
class Frame:
    """A small map: equirectangular about its middle, true to scale there."""

    west: float
    north: float
    units_per_km: float
    width: int
    height: int
    km_per_degree_east: float

    KM_PER_DEGREE = EARTH_RADIUS_KM * 3.141592653589793 / 180

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
    middle = Place(
        (min(latitudes) + max(latitudes)) / 2, (min(longitudes) + max(longitudes)) / 2
    )
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


def line(points: Iterable[tuple[float, float]]) -> str:
    """An open path through the points."""
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
