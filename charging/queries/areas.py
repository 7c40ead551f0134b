"""Which area a place belonged to at a time."""

from collections import defaultdict
from datetime import datetime

from django.db.models import Q

from certificates.models import Area
from charging.errors import UnknownArea
from charging.models import Location


def area_of(location: Location, at: datetime) -> Area | None:
    """The area of a site: as its operator entered it, else its country's only one then."""
    if location.area is not None or not location.country:
        return location.area
    found = Area.objects.filter(country=location.country.upper(), valid_from__lte=at)
    areas = list(found.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=at))[:2])
    return areas[0] if len(areas) == 1 else None


def area_codes() -> list[tuple[str, str]]:
    """Code and name of every area in force, for a person to choose from."""
    rows = Area.objects.filter(valid_to__isnull=True).order_by("name", "code")
    return list(rows.values_list("code", "name"))


class Areas:
    """All areas, read once, answering by code or by country for an instant."""

    def __init__(self) -> None:
        self._by_code: dict[str, list[Area]] = defaultdict(list)
        self._by_country: dict[str, list[Area]] = defaultdict(list)
        for area in Area.objects.order_by("pk"):
            self._by_code[area.code].append(area)
            self._by_country[area.country.upper()].append(area)

    def by_code(self, code: str, at: datetime) -> Area | None:
        """The area that had this code at this instant."""
        return next((area for area in self._by_code.get(code, ()) if _in_force(area, at)), None)

    def named(self, code: str, at: datetime) -> Area:
        """The same. Raises: UnknownArea when none had it then."""
        self.check_code(code)
        found = self.by_code(code, at)
        if found is None:
            raise UnknownArea(f"No area had the code {code!r} at {at:%Y-%m-%dT%H:%MZ}.")
        return found

    def only_one_of(self, country: str, at: datetime) -> Area | None:
        """The country's area, when it had exactly one then (decisions 5)."""
        found = [area for area in self._by_country.get(country.upper(), ()) if _in_force(area, at)]
        return found[0] if len(found) == 1 else None

    def check_code(self, code: str) -> None:
        """Raises: UnknownArea when no area ever had this code."""
        if code not in self._by_code:
            raise UnknownArea(f"No area has the code {code!r}. Register it first.")


def _in_force(area: Area, at: datetime) -> bool:
    return area.valid_from <= at and (area.valid_to is None or at < area.valid_to)
