"""An accepted import through a real queue and worker, and after a kill -9 in its middle."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates import tasks
from certificates.models import CertificateImport, ExternalRange, Lot
from certificates.queries.holding.holdings import held_wh
from certificates.services.imports.bringing_in import bring_in, unfinished
from certificates.services.imports.imports import accept, kept_file
from config import settings as original
from tests.certificates.conftest import NOW
from tests.processes import kill_once_it_says, start
from tests.trail import make_auditor

pytestmark = pytest.mark.django_db(transaction=True)


def counts():
    return Lot.objects.count(), ExternalRange.objects.count()


def test_what_an_auditor_accepts_twice_is_brought_in_once_by_the_worker(
    worker, eventually, client, hand_in, farm, settings
):
    settings.MEDIA_ROOT = original.MEDIA_ROOT  # where the worker looks
    row = hand_in()
    client.force_login(make_auditor())
    chosen = {"action": "accept", "_selected_action": [row.pk]}
    for _ in range(2):
        page = client.post(reverse("admin:certificates_certificateimport_changelist"), chosen)
        assert page.status_code == 302
    assert eventually(lambda: CertificateImport.objects.get().status == "imported")
    assert (held_wh(farm), counts()) == (3_000, (3, 3))
    kept_file(row).path.unlink()


def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_sweep_brings_it_in(
    hand_in, farm, data_dir, monkeypatch
):
    row = hand_in()
    accept(brought=row, now=NOW, actor="auditor")
    process = start(
        "tests.certificates.slow_import", row.pk, NOW.isoformat(), DATA_DIR=str(data_dir)
    )
    kill_once_it_says(process, "written")
    row.refresh_from_db()
    # What was read is shown still; nothing of it was written.
    assert (row.status, row.lines_done, row.lines) == ("accepted", 3, 3)
    assert (held_wh(farm), counts()) == (0, (0, 0))
    assert unfinished(NOW) == []
    assert unfinished(NOW + timedelta(minutes=3)) == [row.pk]
    asked = []
    monkeypatch.setattr(tasks.bring_in_certificates, "delay", asked.append)
    CertificateImport.objects.update(accepted_at=timezone.now() - timedelta(minutes=3))
    tasks.sweep()
    assert asked == [row.pk]
    for _ in range(2):
        bring_in(import_id=row.pk, now=NOW)
    assert (held_wh(farm), counts()) == (3_000, (3, 3))
