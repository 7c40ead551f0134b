"""What a kept meter file says, in the words of the person who uploaded it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from certificates.domain.formats.choices import OPEN, OPTIONS, UNITS
from certificates.domain.formats.file import FORMATS
from certificates.domain.meter_values import EPOCH
from certificates.models import MeterFile

SHOWN = 5  # lines shown of one cause; the list and the download have all
LINES_PER_PAGE = 500
LABELS = {
    "unit": {
        "wh": "Wh of energy",
        "kwh": "kWh of energy",
        "mwh": "MWh of energy",
        "w": "W, mean power",
        "kw": "kW, mean power",
        "mw": "MW, mean power",
    },
    "stamp": {"start": "when its interval starts", "end": "when its interval ends"},
    "sign": {"as_is": "what the plant fed in", "reversed": "what the plant took: turn the sign"},
    "counter": {
        "interval": "the energy of its interval",
        "cumulative": "a register's count so far",
    },
    "absent": {"gap": "was not measured: a gap", "zero": "had no output: zero"},
    "decimal": {".": "a point", ",": "a comma"},
    "dates": {"ymd": "year, month, day", "dmy": "day, month, year", "mdy": "month, day, year"},
    "length": {"15": "15 minutes", "30": "30 minutes", "60": "60 minutes"},
}
SENTENCES = {
    "start": "The time stands in the column",
    "energy": "The energy stands in the column",
    "zone": "Times without an offset are in the zone",
    "dates": "Dates are written as",
    "stamp": "Each time says",
    "length": "Each interval lasts",
    "unit": "Values are",
    "decimal": "Decimals are written with",
    "counter": "Each value is",
    "sign": "A value above zero is",
    "absent": "An interval that the file leaves out",
}
DEFAULTS = {"sign": "as_is", "absent": "gap"}
ORDER = tuple(SENTENCES)
TABLES = ("csv", "xlsx")
# What only tables leave open; other formats settle it themselves.
TABLE_ONLY = ("start", "energy", "dates", "stamp", "unit", "decimal", "counter")


@dataclass(frozen=True, slots=True)
class Said:
    """One editable sentence: a choice, its options with labels, and how it came about.

    `options` is empty where any text may be written. `asks`: nobody decided it yet.
    """

    name: str
    sentence: str
    value: str
    because: str
    asks: bool
    is_fixed: bool
    options: Sequence[tuple[str, str]] = ()

    @property
    def shown(self) -> str:
        """The value in words."""
        return dict(self.options).get(self.value, self.value or "each line says it")


@dataclass(frozen=True, slots=True)
class Cause:
    """Lines with one trouble: the sentence for it, how many, and the first few."""

    sentence: str
    is_held: bool
    count: int
    lines: Sequence[dict[str, Any]]


def format_name(file: MeterFile) -> str:
    """The format in words."""
    return FORMATS.get(file.report.get("format", ""), "a meter file")


def said(file: MeterFile) -> list[Said]:
    """How the file was read, a sentence for each choice, for a person to agree or change."""
    report = file.report
    made = report.get("choices", {})
    sentences = []
    for name in ORDER:
        if name in TABLE_ONLY and report.get("format") not in TABLES:
            choice = made.get(name)
            if not choice or name in ("dates", "decimal"):
                continue
        elif name in ("start", "energy", "length") and name not in made:
            continue
        choice = made.get(name, {"value": DEFAULTS.get(name, ""), "basis": "usual", "because": ""})
        sentences.append(_said(name, choice, report))
    return sentences


def _said(name: str, choice: dict[str, str], report: dict[str, Any]) -> Said:
    is_table = report.get("format") in TABLES
    is_open = name in report.get("open", [])
    return Said(
        name=name,
        sentence=SENTENCES[name],
        value=choice["value"],
        because=choice["because"],
        asks=is_open,
        is_fixed=_is_fixed(name, choice, is_table),
        options=_options(name, report),
    )


def _is_fixed(name: str, choice: dict[str, str], is_table: bool) -> bool:
    if name == "zone":
        return choice["basis"] == "stated" and not (is_table and choice["value"])
    return name in TABLE_ONLY and not is_table


def _options(name: str, report: dict[str, Any]) -> Sequence[tuple[str, str]]:
    if name in ("start", "energy"):
        return [(column, column) for column in report.get("names", [])]
    labels = LABELS.get(name, {})
    if name == "length":
        return list(labels.items())
    return [(value, labels.get(value, UNITS.get(value, value))) for value in OPTIONS.get(name, ())]


def days(report: dict[str, Any]) -> list[tuple[date, int | None]]:
    """Wh of each UTC day; None for a day without any interval."""
    first = (EPOCH + timedelta(days=report.get("first_day", 0))).date()
    return [(first + timedelta(days=n), wh) for n, wh in enumerate(report.get("days", []))]


def causes(report: dict[str, Any]) -> list[Cause]:
    """The errors by cause, the commonest first; figures in a sentence do not part causes."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for error in report.get("errors", []):
        groups.setdefault(re.sub(r"[0-9]+(,[0-9]{3})*", "#", error["reason"]), []).append(error)
    found = [
        Cause(
            sentence=_sentence(kind, lines),
            is_held=kind.startswith("Held"),
            count=len(lines),
            lines=lines[:SHOWN],
        )
        for kind, lines in groups.items()
    ]
    return sorted(found, key=lambda cause: (-cause.count, cause.sentence))


def _sentence(kind: str, lines: Sequence[dict[str, Any]]) -> str:
    """What all lines of a cause say; where their figures differ, without these."""
    reasons = {line["reason"] for line in lines}
    return reasons.pop() if len(reasons) == 1 else kind.replace("#", "…")


def is_open(file: MeterFile) -> bool:
    """Whether a question must be answered before anything can be imported."""
    return bool(file.report.get("open")) and file.status == MeterFile.Status.PREVIEWED


def needs_register(file: MeterFile) -> bool:
    """Whether the file holds several plants of which none is chosen yet."""
    return file.report.get("choices", {}).get("key", {}).get("basis") == OPEN
