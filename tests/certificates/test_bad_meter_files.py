"""A bad meter file: one clear error by service and by command, and nothing half-written."""

import resource
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command

from certificates.errors import DeviceNotApproved, MeterFileRefused, UploadTooLarge
from certificates.models import MeterFile, Reading
from certificates.services.meters.readings import import_readings, preview
from certificates.services.plants.devices import register_device
from tests.bad_files import BAD, Table, sparse_gigabyte
from tests.certificates.conftest import NOW, facts

TABLE = Table("interval_start_utc,energy_kwh", "2018-01-01T00:00Z,1")
NEXT = "2018-01-01T01:00Z,1"


def load(device, content: bytes):
    return import_readings(
        device=device, stream=BytesIO(content), name="m.csv", selection={}, now=NOW
    )


def command(device, path, *words: str) -> None:
    call_command("import_readings", str(path), "--device", device.gsrn, *words, stdout=StringIO())


def nothing_is_left(data_dir) -> bool:
    kept = data_dir / "uploads" / "meter"
    files = list(kept.iterdir()) if kept.exists() else []
    return not (files or MeterFile.objects.exists() or Reading.objects.exists())


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_in_words_and_leaves_nothing(name, device, data_dir, tmp_path):
    make, words = BAD[name]
    content = make(TABLE)
    with pytest.raises(MeterFileRefused, match=words) as refused:
        load(device, content)
    assert len(str(refused.value)) < 1_000
    with pytest.raises(MeterFileRefused, match=words):
        preview(device=device, stream=BytesIO(content), selection={}, now=NOW)
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=words) as caught:
        command(device, path)
    assert caught.value.returncode == 2
    assert nothing_is_left(data_dir)


def test_a_gigabyte_is_refused_without_being_read(device, data_dir, tmp_path):
    path = sparse_gigabyte(tmp_path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with path.open("rb") as stream:
        with pytest.raises(UploadTooLarge, match="64 MB"):
            import_readings(device=device, stream=stream, name="m", selection={}, now=NOW)
        assert stream.tell() < 70 << 20
    with pytest.raises(CommandError) as caught:
        command(device, path)
    assert caught.value.returncode == 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB
    assert nothing_is_left(data_dir)


@pytest.mark.parametrize(
    "content", ["\ufeff{0}\n{1}\n{2}\n", "{0}\r\n{1}\r\n{2}\r\n", "{0}\r{1}\r{2}"]
)
def test_a_mark_and_other_line_ends_make_no_difference(content, device):
    report = load(device, content.format(TABLE.header, TABLE.row, NEXT).encode())
    assert (report["rows"], report["accepted"]) == (2, 2)


def test_lines_that_cannot_be_are_each_named_with_what_is_wrong(device, tmp_path):
    lines = {
        "2018-01-01T00:00Z,1": None,
        "2018-01-01T01:00Z,1": None,
        "2018-01-01T01:30Z,1": "overlaps",
        "2018-01-01T02:00Z,1": None,
        "2018-01-01T03:00Z,1": None,
        "2018-01-01T04:00Z,5000": "Held for review: 5,000,000 Wh is more than the capacity",
        "2999-01-01T00:00Z,1": "not over yet",
        "2018-13-01T00:00Z,1": "is no time",
        "2018-01-01T05:00Z,NaN": "is no number",
        "2018-01-01T06:00Z,1;5": "is no number",
        "2018-01-01T07:00Z": "columns",
        "2018-01-01T08:00,1": None,
    }
    text = "\n".join([TABLE.header, *lines, next(iter(lines)), ""])
    report = load(device, text.encode())
    parts = ("accepted", "held", "rejected", "duplicates", "skipped")
    assert [report[part] for part in parts] == [5, 1, 6, 1, 0]
    assert report["rows"] == 13
    named = {error["line"]: error["reason"] for error in report["errors"]}
    for number, (line, reason) in enumerate(lines.items(), start=2):
        assert (number in named) == (reason is not None), line
        assert reason is None or reason in named[number]
    again = load(device, text.encode())
    assert again == report
    assert Reading.objects.count() == 6


def test_too_many_lines_are_too_many(device, monkeypatch):
    monkeypatch.setattr("certificates.domain.formats.series.MOST_VALUES", 3)
    with pytest.raises(UploadTooLarge, match="by year"):
        load(device, f"{TABLE.header}\n{'x' * 5}\n\nx\nx\nx\n".encode())


def test_a_device_unknown_or_not_approved_is_refused(farm, device, data_dir, tmp_path):
    path = tmp_path / "good.csv"
    path.write_text(f"{TABLE.text}{NEXT}\n")
    draft = register_device(facts=facts(name="Draft"), now=NOW)
    with pytest.raises(DeviceNotApproved, match="submitted"):
        load(draft, path.read_bytes())
    for gsrn, words in ((draft.gsrn, "submitted"), ("735005385000000011", "No device")):
        with pytest.raises(CommandError, match=words) as caught:
            call_command("import_readings", str(path), "--device", gsrn)
        assert caught.value.returncode == 2
    assert nothing_is_left(data_dir)
