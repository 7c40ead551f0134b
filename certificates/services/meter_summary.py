"""What a kept meter file says, in the words of the person who uploaded it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from certificates.domain.meter_csv import parse
from certificates.domain.meter_values import EPOCH
from certificates.models import MeterFile
from certificates.services.meter_storage import opened

SHOWN = 5  # lines shown of one cause; the download has all
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Understood:
    """How the file was read: its columns, unit and clock, and good lines' Wh of each UTC day."""

    start_name: str
    energy_name: str
    observed_name: str
    unit: str
    is_utc: bool
    days: Sequence[tuple[date, int]]


@dataclass(frozen=True, slots=True)
class Cause:
    """Lines with one trouble: the sentence for it, how many, and the first few."""

    sentence: str
    is_held: bool
    count: int
    lines: Sequence[dict[str, Any]]


def understood(file: MeterFile) -> Understood:
    """Read a kept file again for its preview. Raises: MeterFileRefused and its kinds."""
    with opened(_path(file)) as stream:
        lines = parse(stream, file.selection)
    columns = lines.columns
    doubtful = {error["line"] for error in file.report.get("errors", [])}
    taken = [
        (minute, wh)
        for number, minute, wh in zip(lines.line, lines.minute, lines.wh, strict=True)
        if number not in doubtful
    ]
    return Understood(
        start_name=columns.start_name,
        energy_name=columns.energy_name,
        observed_name=columns.observed_name,
        unit={"wh": "Wh", "kwh": "kWh", "mwh": "MWh"}[columns.unit],
        is_utc=columns.is_utc,
        days=_days(taken),
    )


def _days(values: Sequence[tuple[int, int]]) -> list[tuple[date, int]]:
    """Sums of (minute since 1970, Wh) by UTC day, a day without any value as nothing."""
    sums: dict[date, int] = {}
    for minute, wh in values:
        day = (EPOCH + timedelta(minutes=minute)).date()
        sums[day] = sums.get(day, 0) + wh
    if not sums:
        return []
    first, count = min(sums), (max(sums) - min(sums)).days + 1
    every = [first + timedelta(days=n) for n in range(count)]
    return [(day, sums.get(day, 0)) for day in every]


def causes(report: dict[str, Any]) -> list[Cause]:
    """The errors by cause, the commonest first; figures in a sentence do not part causes."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for error in report.get("errors", []):
        groups.setdefault(re.sub(r"[0-9]+", "#", error["reason"]), []).append(error)
    found = [
        Cause(
            sentence=lines[0]["reason"] if len(lines) == 1 else kind.replace("#", "…"),
            is_held=kind.startswith("Held"),
            count=len(lines),
            lines=lines[:SHOWN],
        )
        for kind, lines in groups.items()
    ]
    return sorted(found, key=lambda cause: (-cause.count, cause.sentence))


def rejected_rows(file: MeterFile) -> Iterator[list[str]]:
    """A table of the lines that were not taken as they are: where, what, why, and the line.

    Text that a spreadsheet would take for a formula is set behind an apostrophe.
    """
    wanted = {error["line"]: error for error in file.report.get("errors", [])}
    yield ["line", "field", "found", "reason", "text"]
    texts = _lines(file, set(wanted))
    for number, error in sorted(wanted.items()):
        cells = [error["field"], error["value"], error["reason"], texts.get(number, "")]
        yield [str(number), *(_harmless(str(cell)) for cell in cells)]


def _lines(file: MeterFile, wanted: set[int]) -> dict[int, str]:
    if not wanted:
        return {}
    with opened(_path(file)) as stream:
        return {
            number: line.decode("utf-8-sig", "replace").rstrip("\r\n")
            for number, line in enumerate(stream, start=1)
            if number in wanted
        }


def _harmless(text: str) -> str:
    is_number = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text)
    return f"'{text}" if text.startswith(FORMULA) and not is_number else text


def _path(file: MeterFile) -> Path:
    return Path(settings.MEDIA_ROOT) / file.stored_as
