"""A company's files: counts that add up, and what was not taken with its reasons."""

import csv

import pytest

from charging.models import SessionFile, SessionRow
from charging.queries.session_files import latest_files, problem_lines
from tests.charging.conftest import make_organisation
from tests.charging.plant import charge
from tests.charging.views.test_company import log_in

GOOD = "a,X,1,2018-06-01T10:00Z,2018-06-01T12:00Z,10,Mill Street"
BAD = "b,X,1,never,2018-06-01T12:00Z,10,Mill Street"


@pytest.fixture
def sent(great_britain, company, now) -> SessionFile:
    charge(company, [GOOD, BAD], now)
    return SessionFile.objects.get()


def test_counts_of_a_file_add_up(sent, company):
    (file,) = latest_files(company)
    assert (file.rows, file.accepted, file.has_problems) == (2, 1, True)
    parts = (file.accepted, file.held, file.rejected, file.duplicates, file.skipped)
    assert sum(parts) == file.rows


def test_the_page_leads_to_the_lines_that_were_not_taken(client, sent, company):
    log_in(client, company)
    page = client.get("/company/files/").text
    assert "made.csv" in page
    address = f"/company/files/{sent.pk}/not-taken.csv"
    assert address in page
    answer = client.get(address)
    text = b"".join(answer.streaming_content).decode()
    header, *rows = csv.reader(text.splitlines())
    assert header == ["line", "status", "field", "found", "reason", "text"]
    assert any("never" in row[3] for row in rows)


def test_what_a_spreadsheet_would_run_is_set_behind_an_apostrophe(sent):
    SessionRow.objects.update(raw="=HYPERLINK(1)", reasons=[{"field": "@x", "value": "-1"}])
    rows = list(problem_lines(sent))
    assert rows[1][2:] == ["'@x", "'-1", "", "'=HYPERLINK(1)"]


def test_a_row_without_reasons_is_listed_too(sent):
    SessionRow.objects.update(reasons=[])
    assert len(list(problem_lines(sent))) == 2


def test_another_companys_file_is_not_found(client, sent):
    log_in(client, make_organisation("Rival", "rival", "charging_company"))
    assert client.get(f"/company/files/{sent.pk}/not-taken.csv").status_code == 404
    assert "No file yet" in client.get("/company/files/").text
