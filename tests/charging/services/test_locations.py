"""A site is one location, however a file spells it."""

from decimal import Decimal

from charging.models import Location, LocationAlias
from charging.services.locations import Site, Sites, register_sites

PLACE = (Decimal("56.386610"), Decimal("-3.477746"))
SITES = [
    Site("Broxden Park & Ride, Perth", "Broxden Park & Ride, Perth", *PLACE),
    Site("Broxden Park & Ride-Perth", "Broxden Park & Ride, Perth", *PLACE),
]


def test_every_spelling_leads_to_one_location(company, great_britain):
    for _ in range(2):
        register_sites(operator=company, sites=SITES, country="GB", area=great_britain)
    assert (Location.objects.count(), LocationAlias.objects.count()) == (1, 1)
    sites = Sites(company, country="GB")
    assert sites.find("Broxden Park & Ride-Perth") == sites.find("Broxden Park & Ride, Perth")


def test_an_unknown_site_becomes_a_location_with_its_first_charge_point(company, great_britain):
    sites = Sites(company, country="GB")
    first = sites.evse("New", "1", "Rapid", great_britain)
    assert sites.evse("New", "1", "Rapid", great_britain) == first
    assert Sites(company, country="GB").evse("New", "1", "", great_britain) == first
    assert Location.objects.get().area == great_britain


def test_a_site_without_a_name_still_has_a_place(company, great_britain):
    sites = Sites(company, country="GB")
    assert sites.evse("", "1", "", great_britain).location.name == "Unnamed site"
