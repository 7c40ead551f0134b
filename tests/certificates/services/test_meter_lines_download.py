"""Lines that were not taken come back in their own layout, to be corrected and sent again."""

import io
from datetime import datetime

import pytest

from certificates.models import MeterFile
from certificates.services import meter_examination, readings
from certificates.services.meter_lines_download import correctable, problem_rows, problems
from tests.certificates.conftest import NOW
from tests.certificates.domain.formats.making import hours_of, nem12, nem_day, workbook

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


def test_a_table_s_bad_lines_keep_their_header_and_text(device):
    hours = [f"2018-01-01 {n:02}:00;{value}" for n, value in enumerate(["1,5", "2", "x", "4,5"])]
    text = "\n".join(["Plant;X", "start_utc;kwh", *hours, ""])
    back = "".join(correctable(upload(device, text), NOW))
    assert back == "start_utc;kwh\n2018-01-01 02:00;x\n"
    readings.import_file(file=upload(device, text), now=NOW)
    assert corrected(device, back.replace("x", "7,25"))["energy_wh"] == 7250


def test_a_sheet_s_bad_lines_become_a_table_with_its_columns(device):
    content = workbook(hours_of(FIRST, 1, 2, "broken", 3))
    back = "".join(correctable(upload(device, content, "m.xlsx"), NOW))
    assert back.splitlines() == ["start_utc,kwh", "2018-01-01 02:00:00,broken"]


def test_a_day_of_nem12_comes_back_with_its_register(device):
    good, bad = ["1"] * 48, ["1"] * 47 + ["x"]
    text = nem12(nem_day("20180101", good), nem_day("20180102", bad, "V"), "400,1,48,A,,")
    back = "".join(correctable(upload(device, text), NOW))
    kinds = [line.split(",")[0] for line in back.splitlines()]
    assert kinds == ["100", "200", "300", "400", "900"]
    assert "20180102" in back
    assert corrected(device, back.replace(",x,", ",1,"))["accepted"] == 48


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
