"""The lines of a meter file that were not taken: as a list, and as a file to correct."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from certificates.domain.formats.file import CSV, ENTSOE, NEM, XLSX
from certificates.domain.formats.xlsx_rows import rows_of
from certificates.models import MeterFile
from certificates.services.meter_examination import report_again
from certificates.services.meter_storage import opened

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def problems(file: MeterFile, now: datetime) -> list[dict[str, Any]]:
    """Every bad line, in the order of the file; the report keeps the first ten thousand."""
    report = file.report
    if report.get("errors_omitted"):
        report = report_again(file, now)
    return list(report.get("errors", []))


def problem_rows(file: MeterFile, now: datetime) -> Iterator[list[str]]:
    """A table of what is wrong: where, what, why, and the line as it stands.

    Text that a spreadsheet would take for a formula is set behind an apostrophe.
    """
    wanted = {error["line"]: error for error in problems(file, now)}
    yield ["line", "field", "found", "reason", "text"]
    texts = _texts(file, set(wanted))
    for number, error in sorted(wanted.items()):
        cells = [error["field"], error["value"], error["reason"], texts.get(number, "")]
        yield [str(number), *(_harmless(str(cell)) for cell in cells)]


def correctable(file: MeterFile, now: datetime) -> Iterator[str]:
    """The bad lines in the file's own layout, below its header, to correct and send again.

    A sheet becomes CSV with the same columns. NEM12 keeps whole days with their records
    200 and 400. Other formats have no lines to edit: their list of problems tells.
    """
    wanted = {int(error["line"]) for error in problems(file, now)}
    kind = file.report.get("format")
    if kind == XLSX:
        yield from _from_sheet(file, wanted)
    elif kind == NEM:
        yield from _from_nem(file, wanted)
    else:
        yield from _from_table(file, wanted)


def can_be_corrected(file: MeterFile) -> bool:
    """Whether the rejected lines make a file of the same layout."""
    return file.report.get("format") in (CSV, XLSX, NEM, ENTSOE)


def _from_table(file: MeterFile, wanted: set[int]) -> Iterator[str]:
    names = [name.strip() for name in file.report.get("names", [])]
    header_is_due = True
    for number, line in _lines(file):
        is_header = header_is_due and (not names or all(name in line for name in names))
        if is_header or number in wanted:
            header_is_due = header_is_due and not is_header
            yield line if line.endswith(("\n", "\r")) else f"{line}\n"


def _from_sheet(file: MeterFile, wanted: set[int]) -> Iterator[str]:
    names = file.report.get("names", [])
    with opened(_path(file)) as stream:
        for number, row in rows_of(stream):
            if number in wanted or [cell.strip() for cell in row][: len(names)] == names:
                text = io.StringIO()
                csv.writer(text).writerow(row)
                yield text.getvalue()


def _from_nem(file: MeterFile, wanted: set[int]) -> Iterator[str]:
    """A day is wanted if its 300 or one of its 400s is; its 200 comes before it, once."""
    register, is_wanted = "", False
    day: list[str] = []

    def flush() -> Iterator[str]:
        nonlocal register
        if is_wanted:
            yield from ([register] if register else [])
            register = ""
            yield from day

    for number, line in _lines(file):
        kind = line[:3]
        if kind == "400":
            day.append(line)
            is_wanted = is_wanted or number in wanted
            continue
        yield from flush()
        day, is_wanted = ([line], number in wanted) if kind == "300" else ([], False)
        if kind in ("100", "900"):
            yield line
        elif kind == "200":
            register = line
        elif number in wanted and kind != "300":
            yield line
    yield from flush()


def _lines(file: MeterFile) -> Iterator[tuple[int, str]]:
    with opened(_path(file)) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
        yield from enumerate(text, start=1)


def _texts(file: MeterFile, wanted: set[int]) -> dict[int, str]:
    if not wanted or file.report.get("format") not in (CSV, NEM, ENTSOE):
        return {}
    return {number: line.rstrip("\r\n") for number, line in _lines(file) if number in wanted}


def _harmless(text: str) -> str:
    is_number = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text)
    return f"'{text}" if text.startswith(FORMULA) and not is_number else text


def _path(file: MeterFile) -> Path:
    return Path(settings.MEDIA_ROOT) / file.stored_as
