"""Plants on a small map."""

from collections.abc import Sequence
from dataclasses import dataclass

from certificates.domain import maps
from certificates.models import Device
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
    return PlantMap(coastline.drawn(view), *view.point(place))


@dataclass(frozen=True, slots=True)
class Dot:
    """One plant of several: where it is drawn, and whether its certificates are issued."""

    device: Device
    x: float
    y: float

    @property
    def kind(self) -> str:
        return "running" if self.device.status == Device.Status.APPROVED else "waiting"


@dataclass(frozen=True, slots=True)
class PlantsMap:
    """The land around all plants whose place is known; `unplaced` are the others."""

    land: str
    dots: Sequence[Dot]
    unplaced: int
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def kinds(self) -> set[str]:
        return {dot.kind for dot in self.dots}


def plants_map(devices: Sequence[Device]) -> PlantsMap | None:
    """All plants on one map; None where no place is known."""
    placed = [one for one in devices if one.latitude is not None and one.longitude is not None]
    if not placed:
        return None
    places = [maps.Place(float(one.latitude), float(one.longitude)) for one in placed]  # type: ignore[arg-type]
    view = maps.frame(places, width=WIDTH, height=HEIGHT, least_km=AROUND_KM)
    points = [view.point(place) for place in places]
    dots = [Dot(one, *point) for one, point in zip(placed, points, strict=True)]
    return PlantsMap(coastline.drawn(view), dots, len(devices) - len(placed))
