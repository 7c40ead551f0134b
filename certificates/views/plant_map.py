"""A plant on a small map."""

from dataclasses import dataclass

from certificates.domain import maps
from certificates.views import coastline

WIDTH, HEIGHT = 480, 300
AROUND_KM = 400


@dataclass(frozen=True, slots=True)
class PlantMap:
    """The land around a plant, and where on it the plant is drawn."""

    land: str
    x: float
    y: float
    width: int = WIDTH
    height: int = HEIGHT


def plant_map(latitude: object, longitude: object) -> PlantMap | None:
    """The map of a place in degrees (any number or its text); None where it is not known."""
    if latitude in (None, "") or longitude in (None, ""):
        return None
    place = maps.Place(float(str(latitude)), float(str(longitude)))
    view = maps.frame([place], width=WIDTH, height=HEIGHT, least_km=AROUND_KM)
    return PlantMap(maps.coast(coastline.rings(), view), *view.point(place))
