"""Lines that were not taken come back in their own layout, to be corrected and sent again."""

import io
from datetime import datetime

import pytest

from certificates.domain.formats.espi import read as espi_read
from certificates.domain.formats.file import FORMATS
from certificates.domain.formats.kept_lines import espi_kept
from certificates.models import MeterFile
from certificates.services.meters import examination as meter_examination
from certificates.services.meters import readings
from certificates.services.meters.confirmation import confirm, reread
from certificates.services.meters.lines_download import (
    can_be_corrected,
    correctable,
    problem_rows,
    problems,
)
from tests.certificates.conftest import NOW
from tests.certificates.domain.formats.making import (
    entsoe,
    espi,
    hours_of,
    json_of,
    mscons,
    nem12,
    nem_day,
    table,
    workbook,
)

FIRST = datetime.fromisoformat("2018-01-01T00:00")


def upload(device, content: str | bytes, name="m", **selection) -> MeterFile:
    raw = content.encode() if isinstance(content, str) else content
    return readings.upload(
        device=device, stream=io.BytesIO(raw), name=name, selection=selection, now=NOW
    )


def corrected(device, text: str) -> dict:
    return readings.import_readings(
        device=device, stream=io.BytesIO(text.encode()), name="c", selection={}, now=NOW
    )


def back_from(file: MeterFile) -> bytes:
    return b"".join(correctable(file, NOW))


def test_a_table_s_bad_lines_keep_their_header_and_text(device):
    hours = [f"2018-01-01 {n:02}:00;{value}" for n, value in enumerate(["1,5", "2", "x", "4,5"])]
    text = "\n".join(["Plant;X", "start_utc;kwh", *hours, ""])
    back = back_from(upload(device, text)).decode()
    assert back == "start_utc;kwh\n2018-01-01 02:00;x\n"
    readings.import_file(file=upload(device, text), now=NOW)
    assert corrected(device, back.replace("x", "7,25"))["energy_wh"] == 7250


def test_a_sheet_s_bad_lines_become_a_table_with_its_columns(device):
    content = workbook(hours_of(FIRST, 1, 2, "broken", 3))
    back = back_from(upload(device, content, "m.xlsx")).decode()
    assert back.splitlines() == ["start_utc,kwh", "2018-01-01 02:00:00,broken"]


def test_a_day_of_nem12_comes_back_with_its_register(device):
    good, bad = ["1"] * 48, ["1"] * 47 + ["x"]
    text = nem12(nem_day("20180101", good), nem_day("20180102", bad, "V"), "400,1,48,A,,")
    back = back_from(upload(device, text)).decode()
    kinds = [line.split(",")[0] for line in back.splitlines()]
    assert kinds == ["100", "200", "300", "400", "900"]
    assert "20180102" in back
    assert corrected(device, back.replace(",x,", ",1,"))["accepted"] == 48


HOURS = ["2018-01-01T00:00,1", "2018-01-01T01:00,2"]
WITH_ONE_BAD = {
    "csv": (table("start_utc,kwh", *HOURS, "2018-01-01T02:00,x"), "x", "7"),
    "xlsx": (workbook(hours_of(FIRST, 1, 2, "x")), "x", "7"),
    "nem": (
        nem12(nem_day("20180101", ["1"] * 48), nem_day("20180102", ["1"] * 47 + ["x"])),
        ",x,",
        ",7,",
    ),
    "espi": (espi(1000, 2000, 3000).replace("3000<", "x<"), "<value>x", "<value>7000"),
    "mscons": (mscons(*["1"] * 7, "x").replace("2022", "2018"), "+220:x", "+220:7"),
    "entsoe": (
        entsoe(
            ("2018-01-01 00:00:00.000", "PT60M", "CTA", "U1", "0.001", ""),
            ("2018-01-01 01:00:00.000", "PT60M", "CTA", "U1", "x", ""),
        ),
        ",x,",
        ",0.007,",
    ),
    "json": (
        json_of(
            {"starts_at": "2018-01-01T00:00Z", "energy_wh": 1000},
            {"starts_at": "2018-01-01T01:00Z", "energy_wh": 1000},
            {"starts_at": "2018-01-01T02:00Z", "energy_kwh": "x"},
        ),
        '"x"',
        '"7"',
    ),
}


def test_every_format_is_tried():
    assert set(WITH_ONE_BAD) == set(FORMATS)


@pytest.mark.parametrize("kind", WITH_ONE_BAD)
def test_what_was_not_taken_comes_back_and_completes_the_file(kind, device):
    content, bad, good = WITH_ONE_BAD[kind]
    file = upload(device, content)
    assert file.report["format"] == kind
    assert can_be_corrected(file)
    taken = readings.import_file(file=file, now=NOW)
    assert taken["rejected"] > 0
    back = back_from(file).decode()
    assert back.count(bad) == taken["rejected"]
    report = corrected(device, back.replace(bad, good))
    assert [report[part] for part in ("accepted", "rejected", "corrections")] == [1, 0, 0]
    assert device.readings.count() == taken["accepted"] + 1
    assert device.readings.order_by("-starts_at").first().energy_wh == 7000


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_lines_in_any_encoding_and_layout_come_back_as_they_stand(encoding, device):
    head = "Datum;Einspeisung Süd kWh;Bemerkung"
    rows = ['01.01.2018 00:00;1,5;"zwei\nZeilen"', '01.01.2018 01:00;x;"zwei\nZeilen; ""ja"""']
    rows.append("01.01.2018 02:00;2,5;")
    text = "\n".join([head, *rows, "01.01.2018 03:00;1,5;", ""])
    file = upload(device, text.encode(encoding))
    choices = {"zone": "Europe/Berlin", "dates": "dmy", "stamp": "start", "counter": "interval"}
    file = reread(file=file, changes=choices, now=NOW)
    confirm(file=file, user=None, now=NOW)
    readings.import_file(file=file, now=NOW)
    back = back_from(file).decode()
    assert back == f"{head}\n{rows[1]}\n"
    again = upload(device, back.replace(";x;", ";7,25;"), "back")
    assert again.selection == file.selection
    assert readings.import_file(file=again, now=NOW)["energy_wh"] == 7250


def test_columns_named_by_hand_hold_for_the_lines_that_come_back_from_a_sheet(device):
    rows = hours_of(FIRST, 1, 2, "x")
    file = upload(device, workbook(rows, names=("wann", "wieviel")), "m.xlsx")
    assert file.report["open"] == ["start", "energy"]
    chosen = {"start": "wann", "energy": "wieviel", "unit": "kwh", "zone": "UTC"}
    file = reread(file=file, changes=chosen, now=NOW)
    confirm(file=file, user=None, now=NOW)
    readings.import_file(file=file, now=NOW)
    back = back_from(file).decode()
    again = upload(device, back.replace(",x", ",3"), "back.csv")
    assert again.report["open"] == []
    assert readings.import_file(file=again, now=NOW)["energy_wh"] == 3000


def test_entso_e_as_a_sheet_comes_back_too(device):
    rows = [line.split(",") for line in WITH_ONE_BAD["entsoe"][0].splitlines()]
    file = upload(device, workbook(rows[1:], names=rows[0]), "m.xlsx")
    assert file.report["format"] == "entsoe"
    assert len(list(problem_rows(file, NOW))) == 2
    assert corrected(device, back_from(file).decode().replace(",x,", ",0.007,"))["accepted"] == 1


def test_every_bad_value_of_one_line_is_listed(device):
    day = nem_day("20180101", ["x", "y", *["1"] * 46])
    rows = list(problem_rows(upload(device, nem12(day)), NOW))
    assert [row[2] for row in rows[1:]] == ["x", "y"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
def test_a_feed_on_one_line_or_in_another_encoding_comes_back_well_formed(encoding):
    text = espi(1000, 2000, 3000).replace('"1.0"', f'"1.0" encoding="{encoding}"')
    lines = text.replace("<IntervalReading>", "\n<IntervalReading>").replace("</feed>", "é</feed>")
    number = next(n for n, line in enumerate(lines.split("\n"), start=1) if ">2000<" in line)
    kept = b"".join(espi_kept(io.BytesIO(lines.encode(encoding)), {number}))
    assert espi_read(io.BytesIO(kept))[0].raw == ["2000"]
    one_line = text.replace("\n", "").encode(encoding)
    assert b"".join(espi_kept(io.BytesIO(one_line), {1})) == one_line


def test_every_bad_line_is_listed_even_those_the_report_does_not_keep(device, monkeypatch):
    monkeypatch.setattr(meter_examination, "report_of", limited(meter_examination.report_of))
    monkeypatch.setattr(readings, "report_of", limited(readings.report_of))
    rows = "".join(f"2018-01-01T{n:02}:00Z,x\n" for n in range(9))
    file = upload(device, "start_utc,kwh\n2018-01-02T00:00Z,1\n2018-01-02T01:00Z,1\n" + rows)
    assert (len(file.report["errors"]), file.report["errors_omitted"]) == (3, 6)
    assert len(problems(file, NOW)) == 9
    assert len(list(problem_rows(file, NOW))) == 10


def limited(report_of):
    def report(examined, kept=3):
        return report_of(examined, kept)

    return report


@pytest.mark.parametrize("value", ["=1+1", "+cmd", "-x", "@sum"])
def test_the_list_is_harmless_in_a_spreadsheet(device, value):
    hours = ["2018-01-01T00:00,1", "2018-01-01T01:00,1", f"2018-01-01T02:00,{value}"]
    text = "\n".join(["start_utc,kwh", *hours, ""])
    rows = list(problem_rows(upload(device, text), NOW))
    assert rows[1][2] == f"'{value}"
