"""The registry approves handovers or refuses them, from their list."""

import pytest
from django.urls import reverse

from certificates.models import Handover, User
from certificates.services.handovers import handovers
from certificates.services.organisations import register_organisation
from config.attention import attention
from ledger.models import AuditEvent
from tests.certificates.conftest import NOW
from tests.trail import make_auditor


@pytest.fixture
def accepted(device):
    buyer = register_organisation(name="Buyer", slug="buyer", roles=["producer"], now=NOW)
    made = handovers.propose(device=device, to=buyer, effective_on=NOW.date(), now=NOW)
    return handovers.accept(handover=made, by=buyer, debt_wh=0, now=NOW)


def decide(client, action, *rows, reason=""):
    return client.post(
        reverse("admin:certificates_handover_changelist"),
        {"action": action, "reason": reason, "_selected_action": [one.pk for one in rows]},
        follow=True,
    )


@pytest.fixture
def auditor(client, db):
    client.force_login(make_auditor())
    return client


def test_what_waits_stands_on_the_first_page_and_is_approved(auditor, accepted, device):
    assert "Plants that change hands" in [queue.title for queue in attention(NOW)]
    assert "1 handover decided" in decide(auditor, "approve", accepted).content.decode()
    device.refresh_from_db()
    assert device.organisation == accepted.buyer
    assert AuditEvent.objects.get(action="handover.approved").actor == "auditor@example.org"


def test_a_refusal_needs_its_reason(auditor, accepted):
    assert "Say why" in decide(auditor, "refuse", accepted).content.decode()
    assert (
        "1 handover decided"
        in decide(auditor, "refuse", accepted, reason="No deed").content.decode()
    )
    assert Handover.objects.get().reason == "No deed"
    assert "Nothing was changed" in decide(auditor, "approve", accepted).content.decode()


def test_staff_without_an_auditors_membership_decides_nothing(client, accepted):
    client.force_login(User.objects.create_user("staff@example.org", "x", is_staff=True))
    assert decide(client, "approve", accepted).status_code == 403
    assert Handover.objects.get().status == "accepted"
