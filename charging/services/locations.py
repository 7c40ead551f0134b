"""Charging sites and charge points, found by whatever name a file gives them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from certificates.models import Area, Organisation
from charging.models import Evse, Location, LocationAlias

UNNAMED = "Unnamed site"


@dataclass(frozen=True, slots=True)
class Site:
    """A spelling of a site's name in an operator's files, and the site meant by it."""

    spelling: str
    name: str
    latitude: Decimal
    longitude: Decimal


@transaction.atomic
def register_sites(
    *, operator: Organisation, sites: Iterable[Site], country: str, area: Area | None
) -> int:
    """Make the sites known with every spelling; returns how many locations there are.

    Harmless when repeated; a location that exists keeps its place.
    """
    known: dict[str, Location] = {}
    for site in sites:
        if site.name not in known:
            known[site.name], _ = Location.objects.get_or_create(
                operator=operator,
                name=site.name,
                party=None,
                defaults={
                    "country": country,
                    "area": area,
                    "latitude": site.latitude,
                    "longitude": site.longitude,
                },
            )
        if site.spelling != site.name:
            LocationAlias.objects.get_or_create(
                operator=operator,
                name=site.spelling,
                defaults={"location": known[site.name]},
            )
    return len(known)


class Sites:
    """An operator's locations by name or alias, and their charge points; new ones are made."""

    def __init__(self, operator: Organisation, *, country: str) -> None:
        self._operator = operator
        self._country = country
        locations = Location.objects.filter(operator=operator).select_related("area")
        self._locations = {location.name: location for location in locations}
        by_pk = {location.pk: location for location in self._locations.values()}
        for alias in LocationAlias.objects.filter(operator=operator):
            self._locations.setdefault(alias.name, by_pk[alias.location_id])
        evses = Evse.objects.filter(location__operator=operator)
        self._evses = {(evse.location_id, evse.uid): evse for evse in evses}

    def find(self, name: str) -> Location:
        """The location of this name; one not yet saved where it is new."""
        name = name or UNNAMED
        if name not in self._locations:
            self._locations[name] = Location(
                operator=self._operator, name=name[:200], country=self._country
            )
        return self._locations[name]

    def evse(self, name: str, uid: str, model: str, area: Area) -> Evse:
        """The charge point with this id at this location, made where it is new."""
        location = self.find(name)
        if location.pk is None:
            location.area = area
            location.save()
        key = (location.pk, uid)
        if key not in self._evses:
            self._evses[key] = Evse.objects.create(location=location, uid=uid, model=model[:200])
        return self._evses[key]
