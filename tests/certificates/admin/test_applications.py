"""The registry approves plants or sends them back, from the list of plants."""

import pytest
from django.urls import reverse

from certificates.models import Device, Membership, Role, User
from certificates.queries.plants.applications import reasons
from certificates.services.plants.devices import register_device
from ledger.models import AuditEvent
from tests.certificates.conftest import facts
from tests.trail import make_auditor


@pytest.fixture
def submitted(farm, now):
    return register_device(facts=facts(), now=now)


def decide(client, action, *devices, reason=""):
    return client.post(
        reverse("admin:certificates_device_changelist"),
        {"action": action, "reason": reason, "_selected_action": [one.pk for one in devices]},
        follow=True,
    )


@pytest.fixture
def auditor(client, db):
    client.force_login(make_auditor())
    return client


def test_an_approval_is_logged_with_who_gave_it(auditor, submitted):
    assert "1 device decided" in decide(auditor, "approve", submitted).content.decode()
    submitted.refresh_from_db()
    assert submitted.status == Device.Status.APPROVED
    assert AuditEvent.objects.get(action="device.approved").actor == "auditor@example.org"


def test_a_plant_that_is_sent_back_carries_the_reason(auditor, submitted):
    decide(auditor, "send_back", submitted, reason="The capacity is 2.05 MW, says the permit.")
    submitted.refresh_from_db()
    assert submitted.status == Device.Status.DRAFT
    assert "says the permit" in reasons([submitted])[submitted.pk]


def test_sending_back_without_a_reason_changes_nothing(auditor, submitted):
    page = decide(auditor, "send_back", submitted, reason="  ").content.decode()
    assert "Nothing was changed. Say what is to be changed" in page
    submitted.refresh_from_db()
    assert submitted.status == Device.Status.SUBMITTED


def test_one_plant_that_waits_for_nothing_stops_all(auditor, submitted, now):
    approved = register_device(facts=facts(name="Turbine 3"), now=now, approve=True)
    page = decide(auditor, "approve", submitted, approved).content.decode()
    assert "only submitted plants wait" in page
    submitted.refresh_from_db()
    assert submitted.status == Device.Status.SUBMITTED


def test_a_registrar_approves_too(client, submitted, farm):
    person = User.objects.create_user("registrar@example.org", "a long pass phrase", is_staff=True)
    Membership.objects.create(user=person, organisation=farm, role=Role.REGISTRAR)
    client.force_login(person)
    decide(client, "approve", submitted)
    submitted.refresh_from_db()
    assert submitted.status == Device.Status.APPROVED


def test_staff_without_such_a_membership_approves_nothing(client, submitted):
    person = User.objects.create_user("staff@example.org", "a long pass phrase", is_staff=True)
    client.force_login(person)
    assert decide(client, "approve", submitted).status_code == 403
    submitted.refresh_from_db()
    assert submitted.status == Device.Status.SUBMITTED
