"""What a file leaves held is decided by a person, once, with a trace; counts still add up."""

import csv
import io
from datetime import timedelta

import pytest
import xlsxwriter

from certificates.models import Role, User
from charging.errors import DecisionRefused, UnknownArea
from charging.models import Receipt, Session, SessionRow
from charging.queries.company.rejected_rows import rejected_lines
from charging.queries.company.session_rows import counts_of
from charging.services.sessions.holds import approve, leave_out
from charging.services.sessions.importing import Upload, import_sessions
from charging.services.sessions.options import Options
from ledger.models import AuditEvent
from tests.charging.conftest import make_organisation

HEADER = (
    "session_ID;Garage_ID;User_ID;User_type;Shared_ID;Start_plugin;End_plugout;El_kWh;"
    "Duration_hours"
)
GB = "10YGB----------A"
GENERIC_HEADER = "session_id,charger,connector,started_at,ended_at,energy_kwh,site"


def row(uid, start="21.12.2018 10:00", end="21.12.2018 12:00", kwh="10,5", hours="2"):
    return f"{uid};AdO3;AdO3-{uid};Private;NA;{start};{end};{kwh};{hours}"


def load(company, now, *rows, area=GB, final=True):
    data = "\n".join([HEADER, *rows, ""]).encode()
    options = Options("trondheim", area=area, final=final)
    return import_sessions(
        organisation=company, upload=Upload("n.csv", data), options=options, now=now
    )


def generic(company, now, *rows, area=GB):
    data = "\n".join([GENERIC_HEADER, *rows, ""]).encode()
    options = Options("generic", area=area, final=True)
    return import_sessions(
        organisation=company, upload=Upload("g.csv", data), options=options, now=now
    )


def yes(company, now, choice=0, **more):
    held = SessionRow.objects.get(status="held")
    return approve(
        organisation=company, row_id=held.pk, choice=choice, actor="test", now=now, **more
    )


def sums(company):
    (counts, *_) = counts_of(company)
    parts = (
        counts.accepted,
        counts.held,
        counts.rejected,
        counts.duplicates,
        counts.skipped,
    )
    assert counts.rows == sum(parts)
    return parts


def test_a_missing_end_is_held_and_becomes_a_session_when_approved(company, great_britain, now):
    report = load(company, now, row(1), row(2, end="NA"), row(3, end="NA", hours="NA"))
    assert (report.accepted, report.held, report.rejected) == (1, 1, 1)
    assert sums(company) == (1, 1, 1, 0, 0)
    done = yes(company, now)
    assert (done.status, done.session.uid, done.session.final) == ("repaired", "2", True)
    assert done.session.ended_at - done.session.started_at == timedelta(hours=2)
    assert sum(done.session.hours.values_list("energy_wh", flat=True)) == 10_500
    assert Receipt.objects.filter(session=done.session).count() == 1
    assert AuditEvent.objects.get(action="session_row.decided").detail["line"] == 3
    assert sums(company) == (2, 0, 1, 0, 0)


def test_a_decision_twice_is_once_and_another_is_refused(company, great_britain, now):
    load(company, now, row(2, end="NA"))
    done = yes(company, now)
    words = {"organisation": company, "row_id": done.pk, "actor": "test", "now": now}
    assert approve(**words, choice=0).session == done.session
    with pytest.raises(DecisionRefused, match="decided before"):
        leave_out(**words)
    assert Session.objects.count() == 1


def test_a_row_left_out_is_rejected_and_downloads_with_its_reasons(company, great_britain, now):
    load(company, now, row(2, end="NA"))
    held = SessionRow.objects.get()
    for _ in range(2):
        left = leave_out(organisation=company, row_id=held.pk, actor="test", now=now)
    assert (left.status, sums(company)) == ("rejected", (0, 0, 1, 0, 0))
    header, line = csv.reader(io.StringIO("".join(rejected_lines(left.file))), delimiter=";")
    assert header == [*HEADER.split(";"), "line", "reasons"]
    assert line[:-2] == row(2, end="NA").split(";")
    assert line[-2] == "2"
    assert "missing" in line[-1]
    assert "leave it out" in line[-1]


def test_nobody_decides_on_another_company_s_rows(company, great_britain, now):
    load(company, now, row(2, end="NA"))
    other = make_organisation("Other", "other", Role.CHARGING_COMPANY)
    held = SessionRow.objects.get()
    with pytest.raises(DecisionRefused, match="no such row"):
        approve(organisation=other, row_id=held.pk, choice=0, actor="test", now=now)
    with pytest.raises(DecisionRefused, match="no such proposal"):
        approve(organisation=company, row_id=held.pk, choice=7, actor="test", now=now)
    assert not Session.objects.exists()


def test_the_same_session_under_two_ids_is_held_and_counted_only_by_a_person(
    company, great_britain, now
):
    same = "EV-1,1,2026-03-01T10:00Z,2026-03-01T11:00Z,10,Mill Street"
    report = generic(company, now, f"A,{same}", f"B,{same}")
    assert (report.accepted, report.held) == (1, 1)
    assert yes(company, now).session.uid == "B"
    assert Session.objects.count() == 2


def test_one_number_for_charges_at_two_chargers_is_two_charges_if_a_person_says_so(
    company, great_britain, now
):
    """Two systems each count from 1; to correct the first charge to the second would lose one."""
    generic(company, now, "1,EV-1,1,2026-03-01T10:00Z,2026-03-01T11:00Z,10,Mill Street")
    report = generic(
        company, now,
        "1,EV-2,1,2026-04-01T10:00Z,2026-04-01T11:00Z,12,Park",
        "1,ev-1,1,2026-03-01T10:00Z,2026-03-01T11:00Z,9,Mill Street",
    )  # fmt: skip
    assert report.held == 2
    other, same = SessionRow.objects.filter(status="held").order_by("line")
    assert [each.proposals[0]["kind"] for each in (other, same)] == ["own", "correct"]
    assert "another charger" in other.reasons[0]["reason"]
    done = approve(organisation=company, row_id=other.pk, choice=0, actor="test", now=now)
    assert (done.session.uid, done.session.energy_wh) == ("EV-2-1-20260401T1000Z", 12_000)
    assert Session.objects.get(uid="1").energy_wh == 10_000
    again = generic(company, now, "1,EV-2,1,2026-04-01T10:00Z,2026-04-01T11:00Z,12,Park")
    assert (again.duplicates, Session.objects.count()) == (1, 2)


def test_other_content_under_one_id_corrects_the_charge(company, great_britain, now):
    start = "EV-1,1,2026-03-01T10:00Z,2026-03-01T11:00Z"
    generic(company, now, f"A,{start},10,Mill Street")
    generic(company, now, f"A,{start},12,Mill Street")
    done = yes(company, now)
    assert (done.session.energy_wh, done.decision) == (12_000, "correct:0")
    assert Session.objects.filter(voided_at__isnull=True).count() == 1


def test_wh_in_a_column_of_kwh_is_counted_as_wh_when_approved(company, great_britain, now):
    generic(company, now, "A,EV-1,1,2026-03-01T10:00Z,2026-03-01T11:00Z,9876,Mill Street")
    assert yes(company, now).session.energy_wh == 9_876


def test_a_lifetime_register_is_read_as_what_it_rose(company, great_britain, now):
    rows = [
        f"{n},EV-1,1,2026-03-0{n}T10:00Z,2026-03-0{n}T11:00Z,{5000 + n * 10}.5,Mill Street"
        for n in (1, 2, 3)
    ]
    report = generic(company, now, *rows)
    assert (report.held, report.rejected) == (2, 1)
    held = SessionRow.objects.filter(status="held").order_by("line")
    assert [each.proposals[0]["charge"]["energy_wh"] for each in held] == [10_000, 10_000]


def test_without_an_area_a_row_waits_until_a_person_chooses_one(company, great_britain, now):
    generic(company, now, "A,EV-1,1,2026-03-01T10:00Z,2026-03-01T11:00Z,9,Mill Street", area="")
    with pytest.raises(UnknownArea, match="Choose"):
        yes(company, now)
    with pytest.raises(UnknownArea):
        yes(company, now, area_code="nowhere")
    assert yes(company, now, area_code=GB).session.area == great_britain


def test_a_charge_known_by_now_is_not_made_twice(company, great_britain, now):
    load(company, now, row(2, end="NA"))
    load(company, now, row(2))
    with pytest.raises(DecisionRefused, match="known by now"):
        yes(company, now)
    assert Session.objects.count() == 1


def test_a_workbook_reads_as_its_table_does(company, great_britain, now):
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet = book.add_worksheet()
    values = ["A", "EV-1", 1, "2026-03-01T10:00Z", "2026-03-01T11:00Z", 9.5, "Mill Street"]
    sheet.write_row(0, 0, GENERIC_HEADER.split(","))
    sheet.write_row(1, 0, values)
    sheet.write_row(2, 0, ["B", "EV-1", 1, "2026-03-01T12:00Z", "", 9.5, "Mill Street"])
    book.close()
    report = import_sessions(
        organisation=company,
        upload=Upload("x.xlsx", content.getvalue()),
        options=Options("generic", area=GB),
        now=now,
    )
    assert (report.accepted, report.rejected) == (1, 1)
    assert Session.objects.get().energy_wh == 9_500


def test_a_layout_of_one_s_own_is_kept_with_the_file(company, great_britain, now):
    mapping = {
        "charger": "Säule",
        "start_date": "von",
        "end_date": "bis",
        "energy": "Wh",
        "energy_unit": "Wh",
        "stamps": ["dd.mm.yyyy"],
        "timezone": "Europe/Berlin",
    }
    data = "Säule;von;bis;Wh\n7;01.03.2026 10:00;01.03.2026 11:00:30;1234\n".encode()
    options = Options("mapped", area=GB, mapping=mapping)
    upload = Upload("x.csv", data, User.objects.create_user("a@example.org", "long enough pw"))
    first = import_sessions(organisation=company, upload=upload, options=options, now=now)
    again = import_sessions(organisation=company, upload=upload, options=options, now=now)
    assert (first.accepted, again.repeated) == (1, True)
    session = Session.objects.get()
    assert (session.energy_wh, session.started_at.hour) == (1_234, 9)
    assert session.file.options["mapping"] == mapping
