"""What a file could not take is given back, put right and sent again, in one layout."""

import io

import pytest
import xlsxwriter

from charging.models import Session, SessionFile, SessionRow
from charging.queries.company.rejected_rows import rejected_lines
from charging.services.sessions.importing import Upload, import_sessions
from charging.services.sessions.options import Options
from tests.charging.services.sessions.test_holds import GB, GENERIC_HEADER, HEADER, load, row

DAY = "2026-03-01T10:00Z,2026-03-01T11:00Z"
CARD_HEADER = f"{GENERIC_HEADER},token"


def send(company, now, data: bytes, profile="generic"):
    options = Options(profile, area=GB, final=True)
    upload = Upload("n.csv", data)
    return import_sessions(organisation=company, upload=upload, options=options, now=now)


def given_back() -> str:
    return "".join(rejected_lines(SessionFile.objects.latest("pk")))


def test_rows_put_right_in_their_own_layout_are_taken(company, great_britain, now):
    load(company, now, row(1), row("=2", kwh="0"), row(3, kwh="-1,5"))
    text = given_back()
    assert text.splitlines()[0] == f"{HEADER};line;reasons"
    assert ";'=2" not in text
    assert text.splitlines()[1].startswith("'=2;")
    again = send(company, now, text.replace(";0;", ";7,5;").encode(), "trondheim")
    assert (again.rows, again.accepted, again.rejected) == (2, 1, 1)
    assert Session.objects.get(uid="=2").energy_wh == 7_500
    second = given_back()
    assert second.splitlines()[0] == f"{HEADER};line;reasons"
    last = send(company, now, second.replace("-1,5", "1,5").encode(), "trondheim")
    assert (last.accepted, Session.objects.count()) == (1, 3)


def test_a_workbook_s_rows_come_back_as_a_table_that_reads_alike(company, great_britain, now):
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, GENERIC_HEADER.split(","))
        sheet.write_row(1, 0, ["A", "EV, 1", 1, *DAY.split(","), 0, "Mill\nStreet"])
    assert send(company, now, content.getvalue()).rejected == 1
    assert send(company, now, given_back().replace(",0,", ",9.5,").encode()).accepted == 1
    session = Session.objects.get()
    assert (session.evse.uid, session.evse.location.name) == ("EV, 1", "Mill\nStreet")


@pytest.mark.parametrize("card", ["04A2B3C4D5", ""])
def test_a_card_that_was_hidden_names_nobody_when_it_comes_back(company, great_britain, now, card):
    send(company, now, f"{CARD_HEADER}\na,X,1,{DAY},0,Mill,{card}\n".encode())
    text = given_back()
    assert (card or "nothing") not in text
    assert send(company, now, text.replace(",0,", ",5,").encode()).accepted == 1
    assert Session.objects.get().token_hmac is None


def test_a_short_row_and_a_file_from_before_headers_were_kept_come_back_too(
    company, great_britain, now
):
    send(company, now, f"{GENERIC_HEADER}\na,X\n".encode())
    assert given_back().splitlines()[1].startswith("a,X,,,,,,2,")
    file = SessionFile.objects.get()
    file.options = {"profile": "generic"}
    file.save()
    assert given_back().splitlines()[0] == "line,reasons,row"
    assert given_back().splitlines()[1].endswith('"a,X"')
    assert SessionRow.objects.get().raw == "a,X"
