"""A plant is handed in once, sent back with a reason, and handed in again."""

import pytest

from certificates.errors import ApplicationRefused, TransitionRefused
from certificates.models import Device
from certificates.queries.plants.applications import steps
from certificates.services.plants.applications import approve, hand_in, hand_in_again, send_back
from ledger.models import AuditEvent
from tests.certificates.conftest import facts


def test_a_second_click_registers_nothing_twice(farm, now):
    first = hand_in(facts=facts(), now=now, actor="owner")
    assert hand_in(facts=facts(), now=now, actor="owner") == first
    assert Device.objects.count() == 1


def test_a_twin_can_be_handed_in_once_the_first_is_approved(farm, now):
    first = hand_in(facts=facts(), now=now, actor="owner")
    approve(device=first, now=now, actor="registry")
    assert hand_in(facts=facts(), now=now, actor="owner") != first


def test_its_way_tells_every_step_in_order(farm, now):
    plant = hand_in(facts=facts(), now=now, actor="owner")
    send_back(device=plant, reason=" Wrong area. ", now=now, actor="registry")
    hand_in_again(device=plant, facts=facts(name="Turbine Two"), now=now, actor="owner")
    approve(device=plant, now=now, actor="registry")
    words = [one.words for one in steps(plant)]
    assert words == [
        "handed in for approval",
        "sent back by the registry",
        "handed in again",
        "approved by the registry",
    ]
    assert steps(plant)[1].reason == "Wrong area."
    assert Device.objects.get(pk=plant.pk).name == "Turbine Two"


def test_what_was_changed_is_logged_old_and_new(farm, now):
    plant = hand_in(facts=facts(), now=now, actor="owner")
    send_back(device=plant, reason="Area?", now=now, actor="registry")
    changed = facts(area="10YNO-1--------2", capacity_w=5)
    hand_in_again(device=plant, facts=changed, now=now, actor="owner")
    detail = AuditEvent.objects.get(action="device.changed").detail["changed"]
    assert set(detail) == {"area", "capacity_w"}
    assert detail["capacity_w"] == ["2050000", "5"]


def test_handing_in_again_twice_is_harmless(farm, now):
    plant = hand_in(facts=facts(), now=now, actor="owner")
    send_back(device=plant, reason="Name?", now=now, actor="registry")
    for _ in range(2):
        hand_in_again(device=plant, facts=facts(name="New"), now=now, actor="owner")
    assert AuditEvent.objects.filter(action="device.changed").count() == 1


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_sending_back_needs_a_reason_that_can_be_read(farm, now, reason):
    plant = hand_in(facts=facts(), now=now, actor="owner")
    with pytest.raises(ApplicationRefused):
        send_back(device=plant, reason=reason, now=now, actor="registry")


def test_facts_of_an_approved_plant_stay(farm, device, now):
    with pytest.raises(ApplicationRefused, match="only after the registry sent it back"):
        hand_in_again(device=device, facts=facts(name="Other"), now=now, actor="owner")
    with pytest.raises(TransitionRefused):
        send_back(device=device, reason="No.", now=now, actor="registry")


def test_a_plant_cannot_be_handed_to_another_owner(farm, company, now):
    plant = hand_in(facts=facts(), now=now, actor="owner")
    send_back(device=plant, reason="Name?", now=now, actor="registry")
    with pytest.raises(ApplicationRefused, match="stays with Wind farm"):
        hand_in_again(device=plant, facts=facts(organisation="charge"), now=now, actor="owner")
