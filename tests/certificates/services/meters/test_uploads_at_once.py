"""One file sent for several plants at the same moment: it stays while anyone needs it."""

import threading

import pytest
from django.db import connection

from certificates.models import MeterFile
from certificates.services.meters import readings
from certificates.services.meters.storing import StoredFile
from certificates.services.plants.devices import register_device
from tests.certificates.conftest import NOW, facts, meter_csv
from tests.ledger.services.test_book_race import THREADS, race

pytestmark = pytest.mark.django_db(transaction=True)
LINES = ("2018-01-01T00:00Z,1.5", "2018-01-01T01:00Z,2.5")


@pytest.fixture
def plants(farm):
    return [register_device(facts=facts(name=f"Plant {n}"), now=NOW, approve=True) for n in (1, 2)]


def look(plant):
    return readings.preview(device=plant, stream=meter_csv(*LINES), selection={}, now=NOW)


def send(plant):
    return readings.upload(
        device=plant, stream=meter_csv(*LINES), name="m.csv", selection={}, now=NOW
    )


def content_of(file) -> bytes:
    return StoredFile(file.sha256, file.stored_as, 0).path.read_bytes()


def elsewhere(act, *args) -> threading.Thread:
    """Begin an act with a database connection of its own."""

    def run() -> None:
        try:
            act(*args)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_look_at_a_file_leaves_it_to_an_upload_that_has_begun(plants, monkeypatch):
    read = readings.open_preview

    def slowly(*args):
        elsewhere(look, plants[0]).join()
        return read(*args)

    monkeypatch.setattr(readings, "open_preview", slowly)
    assert content_of(send(plants[1])) == meter_csv(*LINES).getvalue()


def test_an_upload_that_begins_while_a_look_ends_has_its_file(plants, monkeypatch):
    used, begun = readings.is_used, []

    def slowly(stored):
        answer = used(stored)
        if not begun:  # of the look, which nothing refers to
            begun.append(elsewhere(send, plants[1]))
            begun[0].join(timeout=1)
        return answer

    monkeypatch.setattr(readings, "is_used", slowly)
    look(plants[0])
    begun[0].join()
    assert content_of(MeterFile.objects.get()) == meter_csv(*LINES).getvalue()


def test_looks_and_uploads_of_two_plants_at_once_keep_one_file(plants, data_dir):
    results = race(lambda n: (send if n % 4 == 3 else look)(plants[n % 2]))
    assert not [result for result in results if isinstance(result, Exception)]
    assert content_of(MeterFile.objects.get()) == meter_csv(*LINES).getvalue()
    assert len(list((data_dir / "uploads" / "meter").iterdir())) == 1


def test_looks_alone_leave_nothing(plants, data_dir):
    results = race(lambda n: look(plants[n % 2])["accepted"])
    assert results == [len(LINES)] * THREADS
    assert list((data_dir / "uploads" / "meter").iterdir()) == []
