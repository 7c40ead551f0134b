"""An import of a meter file for two plants that is killed in its middle, and goes on."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from certificates import tasks
from certificates.models import MeterFile, Reading
from certificates.services import reference
from certificates.services.meters.confirmation import assign, confirm_all
from certificates.services.meters.readings import upload
from certificates.services.organisations import register_organisation
from certificates.services.plants.devices import register_device
from tests.certificates.conftest import NOW, facts
from tests.certificates.domain.formats.making import stream_of, table
from tests.processes import kill_once_it_says, start

HOURS = 24
TEXT = table(
    "start_utc,plant,kwh",
    *[
        f"2018-01-01T{n:02}:00Z,P{plant},{(n * 7 + plant) % 24}"
        for n in range(HOURS)
        for plant in (1, 2)
    ],
)


@pytest.fixture
def files(transactional_db, data_dir) -> list[MeterFile]:
    """Previews of one content for two plants, confirmed an hour ago."""
    reference.load()
    register_organisation(name="Farm", slug="farm", roles=["producer"], now=NOW)
    plants = [register_device(facts=facts(name=f"P{n}"), now=NOW, approve=True) for n in (1, 2)]
    sent = timezone.now() - timedelta(hours=1)
    file = upload(
        device=plants[0], stream=stream_of(TEXT.encode()), name="m", selection={}, now=sent
    )
    files = assign(file=file, devices=dict(enumerate(plants)), now=sent)
    assert confirm_all(files=files, user=None, now=sent) == 2
    return files


def test_an_import_killed_twice_leaves_nothing_and_the_sweep_starts_it_again(files, monkeypatch):
    for _ in range(2):
        process = start(
            "tests.certificates.slow_meter_import",
            *(file.pk for file in files),
            DATA_DIR=str(settings.DATA_DIR),
        )
        kill_once_it_says(process, "written")
        assert Reading.objects.count() == 0
        assert set(MeterFile.objects.values_list("status", flat=True)) == {"importing"}
    asked: list[int] = []
    monkeypatch.setattr(tasks.import_meter_file, "delay", asked.append)
    tasks.sweep()
    assert sorted(asked) == sorted(file.pk for file in files)
    for file_id in asked * 2:
        tasks.import_meter_file(file_id)
    assert set(MeterFile.objects.values_list("status", flat=True)) == {"imported"}
    for number, file in enumerate(files, start=1):
        wh = Reading.objects.filter(file=file).order_by("starts_at").values_list("energy_wh")
        assert [row[0] for row in wh] == [1000 * ((n * 7 + number) % 24) for n in range(HOURS)]
