"""Registering plants and their states."""

import pytest

from certificates.domain import gsrn
from certificates.errors import (
    DeviceUnknown,
    InvalidDevice,
    InvalidGsrn,
    TransitionRefused,
)
from certificates.models import Device
from certificates.services.plants import devices
from certificates.services.plants.devices import find_device, register_device
from ledger.models import AuditEvent
from tests.certificates.conftest import facts


def test_an_empty_number_gets_the_registry_s_next_one(farm, now):
    one, two = (register_device(facts=facts(name=name), now=now) for name in "AB")
    assert gsrn.running_number(one.gsrn, gsrn.REGISTRY_PREFIX) == 1
    assert gsrn.running_number(two.gsrn, gsrn.REGISTRY_PREFIX) == 2
    assert one.gsrn_origin == Device.GsrnOrigin.REGISTRY
    assert one.status == Device.Status.SUBMITTED


def test_a_number_of_the_registry_s_own_range_cannot_be_brought_along(farm, now):
    with pytest.raises(InvalidGsrn, match="Leave it empty"):
        register_device(facts=facts(gsrn=gsrn.make(gsrn.REGISTRY_PREFIX, 9)), now=now)


def test_the_same_facts_again_answer_with_the_first_device(farm, now):
    stated = facts(gsrn="735005385000000011", latitude=52.4, longitude=-0.9)
    first = register_device(facts=stated, now=now, approve=True)
    assert register_device(facts=stated, now=now, approve=True) == first
    assert AuditEvent.objects.filter(action="device.approved").count() == 1


def test_other_facts_under_a_known_number_are_refused(farm, now):
    register_device(facts=facts(gsrn="735005385000000011"), now=now)
    with pytest.raises(InvalidDevice, match="another capacity_w") as caught:
        register_device(facts=facts(gsrn="735005385000000011", capacity_w=1), now=now)
    assert caught.value.field == "capacity_w"


@pytest.mark.parametrize(("field", "value"), [("organisation", "nobody"), ("area", "10YXX")])
def test_an_unknown_owner_or_area_is_named(field, value, farm, now):
    with pytest.raises(InvalidDevice) as caught:
        register_device(facts=facts(**{field: value}), now=now)
    assert caught.value.field == field


def test_an_area_no_longer_in_force_takes_no_device(farm, now):
    with pytest.raises(InvalidDevice, match="No area in force"):
        register_device(facts=facts(area="10Y1001A1001A63L"), now=now)


def test_who_produces_nothing_registers_no_device(farm, company, now):
    with pytest.raises(InvalidDevice, match="is no producer"):
        register_device(facts=facts(organisation="charge"), now=now)


def test_a_device_is_suspended_and_approved_again_with_a_trace(device, now):
    devices.suspend(device=device, now=now, actor="auditor", reason="meter broken")
    devices.approve(device=device, now=now, actor="auditor")
    device.refresh_from_db()
    assert device.status == Device.Status.APPROVED
    event = AuditEvent.objects.get(action="device.suspended")
    assert event.detail == {"was": "approved", "reason": "meter broken"}


def test_an_approved_device_is_not_approved_again(device, now):
    with pytest.raises(TransitionRefused):
        devices.approve(device=device, now=now, actor="auditor")


def test_an_unknown_device_is_named(db):
    with pytest.raises(DeviceUnknown, match="735005385000000011"):
        find_device("735005385000000011")
