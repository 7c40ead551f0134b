"""The same file again: harmless, except where another corrected it, which it may correct back."""

import pytest

from certificates.errors import FileOvertaken
from certificates.models import MeterFile, Reading
from certificates.services.meters import confirmation as meter_confirmation
from certificates.services.meters import readings
from certificates.services.meters.identity import keep
from certificates.services.meters.storing import StoredFile
from tests.certificates.conftest import NOW, meter_csv

A = ("2018-01-01T00:00Z,1.5", "2018-01-01T01:00Z,2")
B = ("2018-01-01T00:00Z,1.6", "2018-01-01T01:00Z,2")
OTHER = ("2018-02-01T00:00Z,1", "2018-02-01T01:00Z,1")


def load(device, lines, again=False):
    take = readings.import_again if again else readings.import_readings
    return take(device=device, stream=meter_csv(*lines), name="m.csv", selection={}, now=NOW)


def upload(device, lines):
    stream = meter_csv(*lines)
    return readings.upload(device=device, stream=stream, name="m.csv", selection={}, now=NOW)


def in_force(device):
    rows = device.readings.filter(replaced_by__isnull=True).order_by("starts_at")
    return list(rows.values_list("energy_wh", flat=True))


def test_two_files_correct_one_another_as_often_as_they_are_sent(device):
    for n, lines in enumerate((A, B, A, B, A)):
        report = load(device, lines, again=True)
        assert in_force(device) == ([1500, 2000] if lines is A else [1600, 2000])
        assert report["corrections"] == (1 if n else 0)
        assert load(device, lines, again=True) == report
    assert list(Reading.objects.filter(version=5).values_list("energy_wh", flat=True)) == [1500]
    assert MeterFile.objects.count() == 5


def test_nobody_corrects_back_without_saying_so(device):
    load(device, A)
    load(device, B)
    before = MeterFile.objects.count(), Reading.objects.count()
    with pytest.raises(FileOvertaken, match=r"1 of its values were corrected since.*again=true"):
        load(device, A)
    assert (MeterFile.objects.count(), Reading.objects.count()) == before
    assert in_force(device) == [1600, 2000]


def test_a_file_that_nobody_corrected_answers_as_at_first(device):
    first = load(device, A)
    load(device, OTHER)
    assert load(device, A) == first
    assert load(device, A, again=True) == first
    assert MeterFile.objects.count() == 2


def test_a_person_is_offered_the_way_back_and_a_second_click_finds_the_same_offer(device):
    first = upload(device, A)
    readings.import_file(file=first, now=NOW)
    load(device, B)
    again = upload(device, A)
    assert again.pk != first.pk
    assert again.status == MeterFile.Status.PREVIEWED
    assert again.report["repeats"]["file"] == first.pk
    assert (again.report["corrections"], again.report["corrected_down_wh"]) == (1, 100)
    assert upload(device, A) == again
    readings.import_file(file=again, now=NOW)
    assert in_force(device) == [1500, 2000]
    assert upload(device, A) == again
    again.refresh_from_db()
    assert again.report["repeats"]["file"] == first.pk


def test_a_preview_read_otherwise_and_back_is_the_same_offer(device):
    load(device, A)
    load(device, B)
    again = upload(device, A)
    other = meter_confirmation.reread(file=again, changes={"unit": "mwh"}, now=NOW)
    back = meter_confirmation.reread(file=other, changes={"unit": ""}, now=NOW)
    assert back.report["corrections"] == 1
    assert back.key == again.key


def test_a_file_whose_lines_were_all_known_can_correct_back_too(device):
    load(device, (*A, "2018-01-01T02:00Z,3"))
    assert load(device, A)["accepted"] == 0
    load(device, B)
    assert load(device, A, again=True)["corrections"] == 1
    assert in_force(device) == [1500, 2000, 3000]


def test_one_that_failed_is_taken_up_again_under_its_key(device):
    load(device, A)
    load(device, B)
    again = upload(device, A)
    MeterFile.objects.filter(pk=again.pk).update(status=MeterFile.Status.FAILED)
    assert upload(device, A).pk == again.pk


def test_what_another_process_kept_meanwhile_stays_the_one_file(device):
    file = upload(device, A)
    stored = StoredFile(file.sha256, file.stored_as, 0)
    again = keep(device=device, stored=stored, selection={}, status="importing", uploaded_at=NOW)
    assert (again.pk, again.status) == (file.pk, MeterFile.Status.PREVIEWED)
    assert MeterFile.objects.count() == 1
