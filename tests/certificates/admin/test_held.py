"""What waits for review is one click away, and never becomes certificates."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certificates.services.issuance import issue
from certificates.services.readings import import_readings
from tests.certificates.conftest import meter_csv
from tests.trail import make_auditor

LINES = ("2018-01-01T00:00Z,1", "2018-01-01T01:00Z,4000", "2018-01-01T02:00Z,2")


@pytest.fixture
def auditor(client, device, now):
    import_readings(device=device, stream=meter_csv(*LINES), name="m", selection={}, now=now)
    client.force_login(make_auditor())
    return client


def test_the_auditor_filters_for_held_readings_and_sees_why(auditor, device):
    url = reverse("admin:certificates_reading_changelist")
    with CaptureQueriesContext(connection) as captured:
        page = auditor.get(url, {"status": "held"})
    (held,) = page.context["cl"].result_list
    assert held.energy_wh == 4_000_000
    shown = auditor.get(reverse("admin:certificates_reading_change", args=[held.pk]))
    assert "more than the capacity allows" in shown.content.decode()
    assert len(captured.captured_queries) < 15


def test_a_held_reading_is_never_issued(auditor, device, now):
    assert issue(device=device, now=now).lots == 2
    assert issue(device=device, now=now).lots == 0
    assert sorted(device.lots.values_list("amount_wh", flat=True)) == [1_000, 2_000]
