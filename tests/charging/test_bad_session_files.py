"""A bad file of charges: one clear error by service and by command, nothing half-written."""

import resource
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from charging.domain.profiles import GENERIC
from charging.domain.session_file import read_all
from charging.errors import ChargingError, FileTooLarge
from charging.models import Location, Session, SessionFile, SessionRow
from charging.services.sessions.importing import Upload, import_sessions
from charging.services.sessions.options import Options
from tests.bad_files import BAD, Table, sparse_gigabyte
from tests.charging.plant import GENERIC_HEADER

AREA = "10YGB----------A"
TABLE = Table(GENERIC_HEADER, "a,X,1,2018-06-01T10:00Z,2018-06-01T12:00Z,10,Mill Street")


def load(company, content: bytes, now):
    return import_sessions(
        organisation=company,
        upload=Upload("s.csv", content),
        options=Options(GENERIC.name, area=AREA, final=True),
        now=now,
    )


def command(path) -> None:
    words = ("--organisation", "council", "--profile", GENERIC.name, "--area", AREA)
    call_command("import_sessions", str(path), *words, stdout=StringIO())


def nothing_is_left() -> bool:
    tables = (SessionFile, SessionRow, Session, Location)
    return not any(table.objects.exists() for table in tables)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_in_words_and_leaves_nothing(
    name, company, great_britain, now, tmp_path
):
    make, words = BAD[name]
    content = make(TABLE)
    with pytest.raises(ChargingError, match=words) as refused:
        load(company, content, now)
    assert len(str(refused.value)) < 1_000
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=words) as caught:
        command(path)
    assert caught.value.returncode == 2
    assert nothing_is_left()


def test_a_gigabyte_is_refused_without_being_read(company, great_britain, tmp_path):
    path = sparse_gigabyte(tmp_path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with path.open("rb") as stream, pytest.raises(FileTooLarge, match="in parts"):
        read_all(stream)
    with pytest.raises(CommandError, match="in parts") as caught:
        command(path)
    assert caught.value.returncode == 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kB
    assert nothing_is_left()


@pytest.mark.parametrize("content", ["\ufeff{0}\n{1}\n", "{0}\r\n{1}\r\n", "{0}\r{1}"])
def test_a_mark_and_other_line_ends_make_no_difference(content, company, great_britain, now):
    report = load(company, content.format(TABLE.header, TABLE.row).encode(), now)
    assert (report.rows, report.accepted) == (1, 1)


def test_rows_that_cannot_be_are_each_named_with_what_is_wrong(company, great_britain, now):
    rows = {
        TABLE.row: "",
        "b,X,1,2018-06-01T10:00Z,2999-06-01T12:00Z,10,Mill Street": "longer than 24 hours",
        "c,X,1,2999-06-01T10:00Z,2999-06-01T12:00Z,10,Mill Street": "not over yet",
        "d,X,1,2018-06-01T10:00Z,2018-06-01T10:30Z,9999.5,Mill Street": "More energy",
        f"e,{'X' * 37},1,2018-06-01T10:00Z,2018-06-01T12:00Z,10,Mill Street": "longer than any",
        f"f,X,{'1' * 37},2018-06-01T10:00Z,2018-06-01T12:00Z,10,Mill Street": "longer than any",
        f"g,X,1,2018-06-01T10:00Z,2018-06-01T12:00Z,10,{'M' * 201}": "longer than any",
        f"{'h' * 101},X,1,2018-06-01T10:00Z,2018-06-01T12:00Z,10,Mill Street": "longer than any",
        "i,X,1,2018-06-01T10:00,2018-06-01T12:00Z,10,Mill Street": "no offset",
        "j,X,1,2018-06-01T12:00Z,2018-06-01T10:00Z,10,Mill Street": "not after the start",
        "k": "missing",
    }
    text = "\n".join([TABLE.header, *rows, TABLE.row, ""])
    report = load(company, text.encode(), now)
    assert (report.rows, report.accepted, report.rejected) == (12, 1, 10)
    assert report.duplicates == 1
    named = {error.line: error.reason for error in report.errors}
    for number, reason in enumerate(rows.values(), start=2):
        assert bool(reason) == (number in named)
        assert reason in named.get(number, "")
    again = load(company, text.encode(), now)
    assert again == report
    assert Session.objects.count() == 1
    assert SessionRow.objects.count() == 11


def test_too_many_rows_are_too_many(company, great_britain, now, monkeypatch):
    monkeypatch.setattr("charging.domain.session_file.MAX_ROWS", 2)
    with pytest.raises(FileTooLarge, match="in parts"):
        load(company, f"{TABLE.header}\nx\n\nx\nx\n".encode(), now)
    assert nothing_is_left()
