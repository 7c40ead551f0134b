"""The generator's file through a real queue and a real worker."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates import tasks
from certificates.models import MeterFile, Reading, User
from certificates.services import reference
from certificates.services.meters.readings import upload
from certificates.services.organisations import add_member, register_organisation
from certificates.services.plants.devices import register_device
from ledger.models import OutboxItem
from tests.certificates.conftest import NOW, facts, meter_csv

LINES = ("2018-01-01T00:00Z,1", "2018-01-01T01:00Z,2", "2018-01-01T02:00Z,9999999")


@pytest.fixture
def generator(transactional_db):
    reference.load()
    user = User.objects.create_user("generator@example.org")
    farm = register_organisation(name="Farm", slug="farm", roles=["producer"], now=NOW)
    add_member(organisation=farm, user=user, role="producer", now=NOW)
    return user


@pytest.fixture
def plant(generator):
    return register_device(facts=facts(), now=NOW, approve=True)


def issued(plant) -> list[int]:
    return list(plant.lots.order_by("starts_at").values_list("amount_wh", flat=True))


def test_a_file_sent_by_a_person_becomes_certificates_in_the_worker(
    worker, eventually, client, generator, plant
):
    client.force_login(generator)
    sent = BytesIO(meter_csv(*LINES).read())
    sent.name = "made.csv"
    answer = client.post(reverse("generator_upload", args=[plant.gsrn]), {"file": sent})
    file = MeterFile.objects.get()
    assert answer.status_code == 302
    client.post(reverse("generator_confirm", args=[file.pk]))
    assert eventually(lambda: issued(plant)) == [1_000, 2_000]
    file.refresh_from_db()
    assert (file.status, file.report["held"]) == ("imported", 1)
    assert OutboxItem.objects.filter(kind="issue", status="pending").count() == 2
    assert not Reading.objects.get(status="held").lots.exists()


def test_what_a_killed_worker_left_is_found_by_the_sweep(worker, eventually, generator, plant):
    file = upload(
        device=plant,
        stream=meter_csv(*LINES),
        name="made.csv",
        selection={},
        now=timezone.now() - timedelta(hours=1),
        user=generator,
    )
    MeterFile.objects.filter(pk=file.pk).update(status=MeterFile.Status.IMPORTING)
    tasks.sweep.delay()
    assert eventually(lambda: Reading.objects.filter(file=file).count() == 3)
    tasks.sweep.delay()
    tasks.sweep.delay()
    assert eventually(lambda: issued(plant)) == [1_000, 2_000]
