"""Lists as NDJSON and CSV, pages up to ten thousand rows, and ETags."""

import csv
import io
import json
import tracemalloc
from datetime import datetime
from decimal import Decimal

import pytest
import python_calamine

from certificates.models import Lot
from ledger.api.streams import CsvRenderer, encoded
from ledger.domain.workbook import MEDIA_TYPE
from ledger.models import Entry

LISTS = [
    "devices/",
    "devices/{t.device.gsrn}/readings/",
    "agreements/",
    "proposals/",
    "offers/",
    "lots/",
    "certificates/",
    "account/notices/",
    "blocks/",
]
ROWS_OF_MANY = {"csv": 200_000, "ndjson": 200_000, "xlsx": 60_000}
OF_THE_COMPANY = ["counterparties/", "retirements/", "statements/", "sessions/"]


def stored(call, path, accept):
    headers = {"Authorization": f"Bearer {call.secret}", "Accept": accept}
    return call.client.get(f"/api/v1/{path}", headers=headers)


def text(answer):
    return b"".join(answer.streaming_content).decode()


def sheet(answer):
    """The rows of the only sheet of a workbook."""
    assert answer["Content-Disposition"].endswith('.xlsx"')
    book = python_calamine.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert len(book.sheet_names) == 1
    return book.get_sheet_by_index(0).to_python()


def written(value):
    """A value of a cell, or of JSON, as one text: the reader gives every number as a float, and
    an instant of midnight as a day.
    """
    if isinstance(value, datetime):
        value = value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, float):
        value = int(value) if value.is_integer() else value
    if isinstance(value, dict | list):
        return json.dumps(value)
    return "" if value is None else str(value).removesuffix("T00:00:00Z")


@pytest.mark.parametrize("path", LISTS + OF_THE_COMPANY)
def test_a_stream_has_the_rows_of_the_pages(call, trail, path):
    if path in OF_THE_COMPANY:
        call.secret = call.key(trail.company)
    path = path.format(t=trail)
    page = call("get", path).json()["results"]
    lines = text(stored(call, path, "application/x-ndjson")).splitlines()
    assert [json.loads(line) for line in lines] == page
    rows = list(csv.DictReader(io.StringIO(text(stored(call, path, "text/csv")))))
    assert [list(row) for row in rows] == [list(row) for row in page]
    assert len(rows) == 1
    names, *lines = sheet(stored(call, path, MEDIA_TYPE))
    assert (names, len(lines)) == (list(page[0]), 1)
    assert [written(told) for told in lines[0]] == [written(value) for value in page[0].values()]


def test_the_form_may_stand_in_the_address(call):
    assert text(call("get", "lots/?format=csv")).startswith("code,device,")
    assert call("get", "lots/?format=json").json()["next"] is None


def test_a_csv_line_ends_as_the_standard_says_and_begins_with_names(call, trail):
    answer = stored(call, "certificates/", "text/csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    header, line, rest = text(answer).split("\r\n")
    assert header.startswith("asset,lot,device,")
    assert line.startswith(f"{trail.asset.code},{trail.lot.code},{trail.device.gsrn},")
    assert rest == ""


@pytest.mark.parametrize(
    ("value", "cell"),
    [("=1+1", "'=1+1"), ("@x", "'@x"), ("-5.5", "-5.5"), (-5, "-5"), (None, ""), (True, "true")],
)
def test_a_spreadsheet_finds_no_formula(value, cell):
    body = "".join(encoded(CsvRenderer.format, ["a"], [{"a": value}], title="rows"))
    assert list(csv.reader(io.StringIO(body, newline="")))[1] == [cell]


def test_a_refusal_of_a_stream_is_a_problem_in_json(call):
    answer = stored(call, "lots/?devise=1", "text/csv")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["code"] == "unknown_parameter"


def test_a_stream_has_every_row_and_takes_no_page(call):
    answer = stored(call, "lots/?limit=5", "text/csv")
    assert answer.status_code == 400
    assert "limit" in answer.json()["detail"]


def test_a_form_that_is_not_offered_is_refused(call):
    assert stored(call, "lots/", "application/xml").status_code == 406


@pytest.mark.parametrize("limit", ["0", "-1", "10001", "x", "", "1e3", "²", "9" * 30])
def test_a_limit_is_never_cut_in_silence(call, limit):
    answer = call("get", f"lots/?limit={limit}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "limit"


def test_ten_thousand_rows_are_one_page(call):
    assert call("get", "lots/?limit=10000").status_code == 200


@pytest.mark.parametrize("form", ["csv", "ndjson", "xlsx"])
def test_rows_go_out_as_they_are_read(form):
    made = ({"a": "x" * 100, "b": n} for n in range(ROWS_OF_MANY[form]))
    tracemalloc.start()
    total = sum(map(len, encoded(form, ["a", "b"], made, title="rows")))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total > (150_000 if form == "xlsx" else 20_000_000)
    assert peak < 5_000_000


def test_a_stream_takes_no_more_queries_for_more_rows(call, trail, django_assert_max_num_queries):
    for n in range(1, 6):
        entry = Entry.objects.create(
            key=f"e{n}", kind="issue", content_hash=bytes(32), posted_at=trail.now
        )
        Lot.objects.create(
            device=trail.device,
            starts_at=trail.now,
            length_minutes=60,
            sequence=n,
            code=f"{n:040x}",
            mask=1,
            amount_wh=1,
            quality="measured",
            reading=trail.reading,
            entry=entry,
            issued_at=trail.now,
        )
    with django_assert_max_num_queries(5):  # one of them asks whether it is long
        assert len(text(stored(call, "lots/", "text/csv")).splitlines()) == 7


@pytest.mark.parametrize("path", ["devices/{t.device.gsrn}/", "lots/{t.lot.code}/", "account/"])
def test_what_is_known_is_not_sent_again(call, trail, path):
    first = call("get", path.format(t=trail))
    assert first["ETag"]
    headers = {"Authorization": f"Bearer {call.secret}", "If-None-Match": first["ETag"]}
    again = call.client.get(f"/api/v1/{path.format(t=trail)}", headers=headers)
    assert (again.status_code, again.content) == (304, b"")


def test_a_csv_says_true_and_false_and_degrees_as_json_does(call, trail):
    trail.device.latitude, trail.device.longitude = Decimal("52.4"), Decimal("-0.94")
    trail.device.save(update_fields=["latitude", "longitude"])
    alone = call("get", f"devices/{trail.device.gsrn}/").json()
    (row,) = call("get", "devices/").json()["results"]
    assert row == alone
    assert (row["latitude"], row["whole_certificates"]) == ("52.400000", False)
    (line,) = csv.DictReader(io.StringIO(text(stored(call, "devices/", "text/csv"))))
    assert (line["latitude"], line["longitude"]) == ("52.400000", "-0.940000")
    assert line["whole_certificates"] == "false"


def test_a_form_that_nobody_knows_is_named_with_those_that_are(call):
    answer = call("get", "lots/?format=xml")
    assert answer.status_code == 400
    assert answer.json()["detail"] == "format: Choose from: json, ndjson, csv, xlsx."
