"""The lines of a meter file that were not taken: as a list, and as a file to correct."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from certificates.domain.formats import csv_rows
from certificates.domain.formats.file import (
    CSV,
    ESPI,
    FORMATS,
    JSON,
    MSCONS,
    NEM,
    TEXTS,
    XLSX,
    format_of,
    text_in,
)
from certificates.domain.formats.kept_lines import espi_kept, json_kept, mscons_kept
from certificates.domain.formats.xlsx_rows import rows_of
from certificates.models import MeterFile
from certificates.services.meters.examination import report_again
from certificates.services.meters.storing import opened
from ledger.domain.exporting import harmless

KEPT = {ESPI: espi_kept, JSON: json_kept, MSCONS: mscons_kept}
ENDINGS = {ESPI: "xml", JSON: "json", MSCONS: "edi"}


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
    errors = problems(file, now)
    yield ["line", "field", "found", "reason", "text"]
    texts = _texts(file, {error["line"] for error in errors})
    for error in sorted(errors, key=lambda error: error["line"]):
        number = error["line"]
        cells = [error["field"], error["value"], error["reason"], texts.get(number, "")]
        yield [str(number), *(harmless(str(cell), numbers=True) for cell in cells)]


def correctable(file: MeterFile, now: datetime) -> Iterator[bytes]:
    """The bad lines in the file's own layout, below its header, to correct and send again.

    Text becomes UTF-8 and a sheet CSV with the same columns. NEM12 keeps whole days with their
    records 200 and 400, a message or feed everything but the values that were taken.
    """
    wanted = {int(error["line"]) for error in problems(file, now)}
    kind = file.report.get("format")
    with opened(_path(file)) as stream:
        if kind in KEPT:
            yield from KEPT[kind](stream, wanted)
            return
        if format_of(stream) == XLSX:  # of which some are ENTSO-E's
            lines = _from_sheet(file, stream, wanted)
        elif kind == NEM:
            lines = _from_nem(stream, wanted)
        else:
            lines = _from_table(file, stream, wanted)
        yield from (line.encode() for line in lines)


def correctable_name(file: MeterFile) -> str:
    """What the file of lines to correct is called."""
    return f"lines-to-correct-{file.pk}.{ENDINGS.get(file.report.get('format', CSV), 'csv')}"


def can_be_corrected(file: MeterFile) -> bool:
    """Whether the file was read, so that lines of it can come back."""
    return file.report.get("format") in FORMATS


def _from_table(file: MeterFile, stream: BinaryIO, wanted: set[int]) -> Iterator[str]:
    names = file.report.get("names", [])
    header_is_due = True
    for number, row, line in _lines(CSV, stream):
        is_header = header_is_due and (not names or _is_header(row, names))
        if is_header or number in wanted:
            header_is_due = header_is_due and not is_header
            yield line if line.endswith(("\n", "\r")) else f"{line}\n"


def _from_sheet(file: MeterFile, stream: BinaryIO, wanted: set[int]) -> Iterator[str]:
    names = file.report.get("names", [])
    for number, row in rows_of(stream):
        if number in wanted or _is_header(row, names):
            names, text = names or row, io.StringIO()
            csv.writer(text).writerow(row)
            yield text.getvalue()


def _is_header(row: list[str], names: list[str]) -> bool:
    return [cell.strip() for cell in row][: len(names)] == names


def _from_nem(stream: BinaryIO, wanted: set[int]) -> Iterator[str]:
    """A day is wanted if its 300 or one of its 400s is; its 200 comes before it, once."""
    register, is_wanted = "", False
    day: list[str] = []

    def flush() -> Iterator[str]:
        nonlocal register
        if is_wanted:
            yield from ([register] if register else [])
            register = ""
            yield from day

    for number, row, line in _lines(NEM, stream):
        kind = row[0].strip()
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


def _lines(kind: str, stream: BinaryIO) -> Iterator[tuple[int, list[str], str]]:
    """Rows as the readers number them, with how they stand in the file."""
    with text_in(stream, kind) as (text, delimiter):
        yield from csv_rows.rows_with_text(text, delimiter)


def _texts(file: MeterFile, wanted: set[int]) -> dict[int, str]:
    kind = file.report.get("format")
    if not wanted or kind not in TEXTS:
        return {}
    with opened(_path(file)) as stream:
        if format_of(stream) == XLSX:
            return {}
        lines = _lines(kind, stream)
        return {number: line.rstrip("\r\n") for number, _, line in lines if number in wanted}


def _path(file: MeterFile) -> Path:
    return Path(settings.MEDIA_ROOT) / file.stored_as
