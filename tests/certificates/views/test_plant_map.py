"""All plants of an owner on one map."""

import pytest
from django.urls import reverse

from certificates.models import Membership, Role, User
from certificates.services.plants.devices import register_device
from certificates.views.plant_map import plants_map
from tests.certificates.conftest import NOW, facts


@pytest.fixture
def plants(farm, device):
    placed = [
        register_device(facts=facts(name=name, latitude=north, longitude="-3"), now=NOW)
        for name, north in (("North", "57.5"), ("South", "51.5"))
    ]
    return [*placed, device]


def test_every_place_is_drawn_where_it_is_and_who_has_none_is_counted(plants):
    found = plants_map(plants)
    north, south = found.dots
    assert (north.x, found.unplaced) == (south.x, 1)
    assert 0 <= north.y < south.y <= found.height
    assert found.kinds == {"waiting"}
    assert found.land


def test_without_a_place_there_is_no_map(device):
    assert plants_map([device]) is None
    assert plants_map([]) is None


def test_the_owners_first_page_names_them(client, farm, plants):
    person = User.objects.create(email="owner@example.org")
    Membership.objects.create(user=person, organisation=farm, role=Role.PRODUCER)
    client.force_login(person)
    page = " ".join(client.get(reverse("generator")).content.decode().split())
    assert 'aria-label="Map of your plants: North, South."' in page
    assert "An empty one is not, or not now. Of 1 no place is stated" in page
