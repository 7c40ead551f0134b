"""What an owner may still change of a certified plant, and that what was is kept."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from certificates.errors import ApplicationRefused, InvalidDevice
from certificates.models import Device, Membership, Role, User
from certificates.queries.plants.applications import steps
from certificates.services.plants.applications import change
from certificates.services.plants.devices import change_status, register_device
from certificates.services.plants.updates import update
from ledger.models import AuditEvent
from tests.certificates.conftest import NOW, facts


@pytest.fixture
def placed(farm):
    stated = facts(latitude="52.4", longitude="-0.9")
    return register_device(facts=stated, now=NOW, approve=True)


def set_(device, **changes):
    return update(device=device, changes=changes, now=NOW, actor="owner")


def test_a_name_changes_and_the_old_one_is_kept(placed):
    assert set_(placed, name=" Kelmarsh 2 ").name == "Kelmarsh 2"
    assert set_(placed, name="Kelmarsh 2").name == "Kelmarsh 2"
    event = AuditEvent.objects.get(action="device.updated")
    assert event.detail["changed"] == {"name": ["Turbine 2", "Kelmarsh 2"]}
    assert steps(placed)[-1].reason == "name was Turbine 2, is Kelmarsh 2"


def test_a_place_is_given_or_set_right_but_not_moved(placed, device):
    assert set_(placed, latitude="52.45").latitude == Decimal("52.45")
    with pytest.raises(ApplicationRefused, match="another place"):
        set_(placed, longitude="151.2")
    assert set_(device, latitude="-33.9", longitude="151.2").longitude == Decimal("151.2")


@pytest.mark.parametrize(
    "changes",
    [{"capacity_w": 1}, {"quality": "measured"}, {"support": "none"}, {"gsrn": "1"}],
)
def test_what_certificates_rest_on_stays(placed, changes):
    with pytest.raises(ApplicationRefused, match="certificates rest on it"):
        set_(placed, **changes)
    assert not AuditEvent.objects.filter(action="device.updated").exists()


@pytest.mark.parametrize(
    "changes", [{"name": ""}, {"name": "x" * 201}, {"name": 1}, {"latitude": "91"}]
)
def test_a_wrong_value_is_refused_and_nothing_changes(placed, changes):
    with pytest.raises(InvalidDevice):
        set_(placed, **changes)
    placed.refresh_from_db()
    assert (placed.name, placed.latitude) == ("Turbine 2", Decimal("52.4"))


def test_a_plant_out_of_service_stays_as_it_is(placed):
    change_status(device=placed, status="decommissioned", now=NOW, actor="t")
    with pytest.raises(ApplicationRefused, match="is decommissioned"):
        set_(placed, name="x")


def test_by_api_the_same_call_changes_a_certified_plant_at_once(placed):
    changed = change(device=placed, changes={"name": "New"}, now=NOW, actor="key")
    assert (changed.name, changed.status) == ("New", Device.Status.APPROVED)


def test_on_the_page_of_its_owner_alone(placed, farm, company):
    address = reverse("generator_update_plant", args=[placed.gsrn])
    for organisation, status in ((farm, 302), (company, 404)):
        person = User.objects.create(email=f"{organisation.slug}@example.org")
        Membership.objects.create(user=person, organisation=organisation, role=Role.PRODUCER)
        client = Client()
        client.force_login(person)
        assert client.post(address, {"name": "Seen", "latitude": ""}).status_code == status
    placed.refresh_from_db()
    assert (placed.name, placed.latitude) == ("Seen", Decimal("52.4"))
    client = Client()
    client.force_login(User.objects.get(email="farm@example.org"))
    refused = client.post(address, {"latitude": "0"})
    assert refused.status_code == 422
    assert "another place" in refused.content.decode()
