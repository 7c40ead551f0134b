"""Files of sessions: every row is accounted for."""

import gzip
from datetime import UTC, datetime

import pytest
from django.db.models import Sum

from charging.errors import (
    InvalidPeriod,
    MissingColumns,
    NotAChargingCompany,
    UnknownArea,
    UnknownProfile,
    UnreadableFile,
)
from charging.models import Evse, Location, Session, SessionFile, SessionHour, SessionRow
from charging.services.sessions.importing import Upload, import_sessions
from charging.services.sessions.options import Options
from tests.charging.conftest import SAMPLES

HEADER = "CP ID,Connector,Start Date,Start Time,End Date,End Time,Total kWh,Site,Model"
GB = "10YGB----------A"
YEAR = Options(
    profile="perth_kinross",
    area=GB,
    starts_at=datetime(2018, 1, 1, tzinfo=UTC),
    ends_at=datetime(2019, 1, 1, tzinfo=UTC),
    final=True,
)
OPEN = Options(profile="perth_kinross", area=GB)


def table(*rows: str) -> Upload:
    return Upload("made.csv", "\r\n".join([HEADER, *rows, ""]).encode())


def row(start: str, end: str, kwh: str = "10", site: str = '"Mill Street, Perth"') -> str:
    return f"50838,1,{start.replace(' ', ',')},{end.replace(' ', ',')},{kwh},{site},Rapid"


def summary(report) -> tuple[int, ...]:
    return (
        report.rows,
        report.accepted,
        report.held,
        report.rejected,
        report.duplicates,
        report.skipped,
    )


def test_the_council_s_year_is_accounted_for_to_the_row(company, great_britain, now):
    data = (SAMPLES / "charging" / "perth_kinross_2018.csv.gz").read_bytes()
    report = import_sessions(
        organisation=company, upload=Upload("year.csv.gz", data), options=YEAR, now=now
    )
    assert summary(report) == (24_117, 23_272, 0, 769, 0, 76)
    assert Session.objects.aggregate(wh=Sum("energy_wh"))["wh"] == 262_160_390
    hours = SessionHour.objects.filter(starts_at__lt=YEAR.ends_at)
    assert hours.aggregate(wh=Sum("energy_wh"))["wh"] == 262_134_364
    assert hours.values("starts_at").distinct().count() == 7_406
    assert SessionRow.objects.filter(status="rejected").count() == 769


def test_the_same_file_twice_answers_with_the_first_report(company, great_britain, now):
    upload = table(row("01/06/2018 10:00", "01/06/2018 11:00"), row("01/06/2018 12:00", " ", "3"))
    first = import_sessions(organisation=company, upload=upload, options=OPEN, now=now)
    second = import_sessions(organisation=company, upload=upload, options=OPEN, now=now)
    assert first == second
    assert second.repeated
    assert (SessionFile.objects.count(), Session.objects.count()) == (1, 1)


def test_a_dry_run_reports_the_same_and_writes_nothing(company, great_britain, now):
    upload = table(row("01/06/2018 10:00", "01/06/2018 11:00"), row("x", "y z"))
    report = import_sessions(
        organisation=company, upload=upload, options=OPEN, now=now, dry_run=True
    )
    assert summary(report) == (2, 1, 0, 1, 0, 0)
    assert not any(
        model.objects.exists()
        for model in (Session, SessionRow, SessionFile, SessionHour, Location, Evse)
    )


def test_a_row_known_from_another_file_is_a_duplicate(company, great_britain, now):
    again = row("01/06/2018 10:00", "01/06/2018 11:00")
    import_sessions(organisation=company, upload=table(again), options=OPEN, now=now)
    report = import_sessions(
        organisation=company,
        upload=table(row("01/06/2018 12:00", "01/06/2018 13:00"), again),
        options=OPEN,
        now=now,
    )
    assert summary(report) == (2, 1, 0, 0, 1, 0)


def test_a_known_charge_with_other_content_is_held_as_a_correction(company, great_britain, now):
    import_sessions(
        organisation=company,
        upload=table(row("01/06/2018 10:00", "01/06/2018 11:00", "10")),
        options=OPEN,
        now=now,
    )
    report = import_sessions(
        organisation=company,
        upload=table(row("01/06/2018 10:00", "01/06/2018 11:00", "12")),
        options=OPEN,
        now=now,
    )
    assert summary(report) == (1, 0, 1, 0, 0, 0)
    assert Session.objects.get().energy_wh == 10_000


def test_a_file_declared_final_makes_the_sessions_it_repeats_final(company, great_britain, now):
    upload = table(row("01/06/2018 10:00", "01/06/2018 11:00"))
    import_sessions(organisation=company, upload=upload, options=OPEN, now=now)
    assert not Session.objects.get().final
    final = Options(profile="perth_kinross", area=GB, final=True)
    import_sessions(organisation=company, upload=upload, options=final, now=now)
    assert Session.objects.get().final


def test_without_an_area_sessions_are_held(company, now):
    options = Options(profile="perth_kinross")
    report = import_sessions(
        organisation=company,
        upload=table(row("01/06/2018 10:00", "01/06/2018 11:00")),
        options=options,
        now=now,
    )
    assert summary(report) == (1, 0, 1, 0, 0, 0)
    assert "area" in report.errors[0].reason


def test_a_country_with_one_area_gives_its_area(company, great_britain, now):
    import_sessions(
        organisation=company,
        upload=table(row("01/06/2018 10:00", "01/06/2018 11:00")),
        options=Options(profile="perth_kinross"),
        now=now,
    )
    assert Session.objects.get().area == great_britain


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"\xff\xfeC", UnreadableFile),
        (b"PK\x03\x04rest", UnreadableFile),
        (
            HEADER.encode() + b"\n1,1,01/06/2018,10:00,01/06/2018,11:00,1,Caf\x81,M\n",
            UnreadableFile,
        ),
        (b"a,b\n1,2\n", MissingColumns),
        (b"", MissingColumns),
        (b"\x1f\x8bnot gzip", UnreadableFile),
    ],
)
def test_a_file_that_is_no_table_is_refused_and_nothing_is_written(
    company, great_britain, now, data, error
):
    with pytest.raises(error):
        import_sessions(organisation=company, upload=Upload("x", data), options=OPEN, now=now)
    assert not SessionFile.objects.exists()


def test_mark_line_ends_and_compression_do_not_matter(company, great_britain, now):
    body = "\n".join([HEADER, row("01/06/2018 10:00", "01/06/2018 11:00"), ""])
    data = gzip.compress(b"\xef\xbb\xbf" + body.encode())
    report = import_sessions(
        organisation=company, upload=Upload("x.gz", data), options=OPEN, now=now
    )
    assert summary(report) == (1, 1, 0, 0, 0, 0)


def test_options_that_make_no_sense_are_refused(company, producer, great_britain, now):
    upload = table()
    with pytest.raises(NotAChargingCompany):
        import_sessions(organisation=producer, upload=upload, options=OPEN, now=now)
    with pytest.raises(UnknownProfile):
        import_sessions(organisation=company, upload=upload, options=Options("x"), now=now)
    nowhere = Options("perth_kinross", area="nowhere")
    with pytest.raises(UnknownArea):
        import_sessions(organisation=company, upload=upload, options=nowhere, now=now)
    backwards = Options("perth_kinross", starts_at=YEAR.ends_at, ends_at=YEAR.starts_at)
    with pytest.raises(InvalidPeriod):
        import_sessions(organisation=company, upload=upload, options=backwards, now=now)


def test_a_long_file_shows_how_far_it_is(company, great_britain, now):
    rows = [row(f"01/06/2018,{n // 60:02}:{n % 60:02}", "", "1") for n in range(1_100)]
    seen = []
    import_sessions(
        organisation=company,
        upload=table(*rows),
        options=OPEN,
        now=now,
        progress=lambda *at: seen.append(at),
    )
    assert seen == [(500, 1_100), (1_000, 1_100), (1_100, 1_100)]
