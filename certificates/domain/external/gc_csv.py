"""Reading EnergyTag's certificate file: 25 columns by name, every bad value with its line.

A line is one bundle: serials from its first to its last, as many certificates as the file says,
each of `face_value` Wh. What the file leaves open (the order of its dates, whose clock it shows,
what its emission factors count) is a choice, never a guess.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, BinaryIO

from certificates.domain.external.factors import UNITS, USUAL_UNIT, factor_ug_per_wh
from certificates.domain.external.line import COLUMNS, KEPT, REQUIRED, ExternalLine
from certificates.domain.external.moments import (
    LOCAL_CLOCK,
    UTC_CLOCK,
    Moments,
    date_order,
    whose_clock,
)
from certificates.domain.external.provenance import (
    EFFICIENCY,
    IS_CONVERTED,
    IS_STORAGE,
    YES,
    efficiency,
    flag,
)
from certificates.domain.external.serials import DIGITS
from certificates.domain.formats.choices import GIVEN, OPEN, STATED, USUAL, Choice
from certificates.domain.formats.csv_rows import Row, delimiter_of, refusing, rows_of
from certificates.domain.formats.times import DMY, MDY
from certificates.domain.meter_lines import LineProblem
from certificates.domain.meter_values import Unreadable
from certificates.errors import ChoiceNeeded, ChoiceRefused, ColumnsMissing, ImportRefused
from ledger.domain.calls import MAX_AMOUNT_WH

Progress = Callable[[int, int], None]
SHOWN_EVERY = 1_000  # lines between two signs of progress
MOST_COLUMNS = 60
MOST_LINES = 50_000  # more than a year of quarter-hours
LONGEST_TEXT, LONGEST_ID = 200, 100
FROM_FILE, FROM_REGISTRY = "file", "registry"
OPTIONS: dict[str, tuple[str, ...]] = {
    "dates": (DMY, MDY),
    "clock": (UTC_CLOCK, LOCAL_CLOCK),
    "factors": (FROM_FILE, FROM_REGISTRY),
    "factor_unit": tuple(UNITS),
}
QUESTIONS = {
    "dates": "The dates can be read with the day first or the month first. Choose one.",
    "clock": "The times have no offset. Choose whether they are UTC or the time of the place.",
    "factors": "The file states emission factors. Choose whether they are lifecycle CO2e "
    "(then they are taken from the file) or not (then this registry's factor is taken).",
}
CARRIER = "electricity"
START, END = "production_starting_interval", "production_ending_interval"
FIRST, LAST = "certificate_bundle_id_range_start", "certificate_bundle_id_range_end"
FACTOR = "emissions_factor_production_device"
_WHOLE = re.compile(r"\d{1,60}")


@dataclass(slots=True)
class ExternalFile:
    """A file as it is understood under the choices. `lines` are good, `problems` are not.

    While a choice is open nothing is read, and both are empty.
    """

    rows: int
    choices: dict[str, Choice]
    unknown_columns: list[str]
    lines: list[ExternalLine] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)

    @property
    def open(self) -> list[str]:
        """The choices that a person has to make."""
        return [name for name, one in self.choices.items() if one.basis == OPEN]

    def demand_settled(self) -> None:
        """Raises: ChoiceNeeded for the first choice that is open."""
        for name in self.open:
            because = self.choices[name].because
            options = ", ".join(OPTIONS[name])
            raise ChoiceNeeded(
                f"{QUESTIONS[name]} ({because[:1].upper()}{because[1:]}. In a command or call: "
                f"{name}, one of {options}.)",
                choice=name,
            )


def read_file(
    stream: BinaryIO, given: Mapping[str, str], progress: Progress | None = None
) -> ExternalFile:
    """Read a whole file; `given` are choices by name, `progress` hears of lines read and of all.

    Raises: ImportRefused, ColumnsMissing, ChoiceRefused, WrongEncoding, WrongFormat.
    """
    _check_given(given)
    with refusing(stream) as text:
        rows = list(_narrow(islice(rows_of(text, delimiter_of(text)), MOST_LINES + 2)))
    rows = [(line, cells) for line, cells in rows if any(cell.strip() for cell in cells)]
    if len(rows) > MOST_LINES + 1:
        raise ImportRefused(f"The file has more than {MOST_LINES:,} lines. Split it by month.")
    names = _header(rows[0][1] if rows else [])
    if len(rows) < 2:
        raise ImportRefused("The file has no line of certificates below its header.")
    work = _Reading(names, rows[1:], given)
    read = ExternalFile(len(rows) - 1, work.choices, [one for one in names if one not in COLUMNS])
    if not read.open:
        work.read_into(read, progress)
    return read


def _narrow(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows of a table that memory can hold. Raises: ImportRefused."""
    for line, cells in rows:
        if len(cells) > MOST_COLUMNS:
            raise ImportRefused(
                f"Line {line} has {len(cells):,} values; a certificate file has 25 columns."
            )
        yield line, cells


def _check_given(given: Mapping[str, str]) -> None:
    for name, value in given.items():
        if name not in OPTIONS:
            raise ChoiceRefused(f"There is no choice {name}. Known: {', '.join(OPTIONS)}.")
        if value not in OPTIONS[name]:
            options = ", ".join(OPTIONS[name])
            raise ChoiceRefused(f"{name} is one of {options}, not {value[:40]!r}.", choice=name)


def _header(cells: Sequence[str]) -> list[str]:
    names = ["_".join(cell.strip().lower().split()) for cell in cells]
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise ColumnsMissing(
            f"The header names no column {', '.join(missing)}. The first line holds the names of "
            "EnergyTag's certificate file, in any order.",
            names=names,
        )
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice:
        raise ImportRefused(f"The header names the column {twice} twice. Keep one.")
    return names


class _Reading:
    """One file on its way from cells to lines."""

    def __init__(self, names: list[str], rows: list[Row], given: Mapping[str, str]) -> None:
        self.names, self.width = names, len(names)
        self.rows = rows
        self.choices = self._chosen(given)
        self.moments = Moments(self.choices["dates"].value, self.choices["clock"].value)

    def _chosen(self, given: Mapping[str, str]) -> dict[str, Choice]:
        intervals = self._texts(START, END)
        choices = {
            "dates": date_order([*intervals, *self._texts("expiry_datestamp")]),
            "clock": whose_clock(intervals, [text for _, text in self._texts("local_timezone")]),
        }
        stated = self._texts(FACTOR)
        if stated:
            line, text = stated[0]
            choices["factors"] = Choice("", OPEN, f"line {line} says {text}")
            because = "EnergyTag's files state kg CO2e per MWh"
            choices["factor_unit"] = Choice(USUAL_UNIT, USUAL, because)
        for name, choice in choices.items():
            if name in given and choice.basis != STATED:
                choices[name] = Choice(given[name], GIVEN, "you chose it")
        dates = choices["dates"]
        if dates.value in OPTIONS["dates"] and given.get("dates", dates.value) != dates.value:
            words = f"The file's dates are {dates.value}: {dates.because}. Choose that."
            raise ChoiceRefused(words, choice="dates")
        return choices

    def _texts(self, *names: str) -> list[tuple[int, str]]:
        places = [self.names.index(name) for name in names if name in self.names]
        return [
            (line, cells[place].strip())
            for line, cells in self.rows
            for place in places
            if place < len(cells) and cells[place].strip()
        ]

    def read_into(self, read: ExternalFile, progress: Progress | None) -> None:
        """Every row becomes a line, or problems."""
        for done, (number, cells) in enumerate(self.rows):
            if progress and done % SHOWN_EVERY == 0:
                progress(done, len(self.rows))
            found = self._line(number, cells)
            if isinstance(found, ExternalLine):
                read.lines.append(found)
            else:
                read.problems += found
        if progress:
            progress(len(self.rows), len(self.rows))

    def _line(self, number: int, cells: list[str]) -> ExternalLine | list[LineProblem]:
        if len(cells) > self.width and any(cell.strip() for cell in cells[self.width :]):
            reason = f"has {len(cells)} values under {self.width} columns; quote what has a comma"
            return [LineProblem(number, "line", cells[self.width][:LONGEST_TEXT], reason)]
        padded = chain((cell.strip() for cell in cells), [""] * self.width)
        row = _Row(number, dict(zip(self.names, padded, strict=False)))
        line = self._read(row)
        return row.problems or line

    def _read(self, row: "_Row") -> ExternalLine:
        first, last = row.read(FIRST, _serial), row.read(LAST, _serial)
        count, face = row.read("bundle_quantity", _count), row.read("face_value", _count)
        if not row.problems and count != last - first + 1:
            reason = f"is not the number of serials from {first} to {last}, {last - first + 1}"
            row.refuse("bundle_quantity", reason)
        if not row.problems and count * face > MAX_AMOUNT_WH:
            row.refuse(
                "bundle_quantity", f"comes to more than {MAX_AMOUNT_WH:,} Wh; split the line"
            )
        row.read("energy_carrier", _electricity)
        start, length = self._interval(row)
        facts = {name: row.read(name, _text) for name in KEPT if row[name]} | _provenance(row)
        return ExternalLine(
            line=row.number,
            issuance_id=row.read("issuance_id", _identity),
            first_serial=first,
            last_serial=last,
            amount_wh=count * face,
            start=start,
            length=length,
            energy_source=row["energy_source"],
            factor_ug_per_wh=self._factor(row),
            expires=self._expiry(row),
            facts=facts,
        )

    def _interval(self, row: "_Row") -> tuple[int, int]:
        if not row[END]:
            row.refuse(END, "is empty")
            return 0, 0

        def read(text: str) -> tuple[int, int]:
            return self.moments.interval(_given(text), row[END], row["local_timezone"])

        interval: tuple[int, int] = row.read(START, read, (0, 0))
        return interval

    def _expiry(self, row: "_Row") -> int | None:
        if not row["expiry_datestamp"]:
            return None
        zone = row["local_timezone"]
        read = row.read("expiry_datestamp", lambda text: self.moments.expiry(text, zone))
        return int(read)

    def _factor(self, row: "_Row") -> int | None:
        if not row[FACTOR]:
            return None
        unit = self.choices["factor_unit"].value
        return int(row.read(FACTOR, lambda text: factor_ug_per_wh(text, unit)))


class _Row:
    """The cells of a line by column, and what is wrong with them."""

    def __init__(self, number: int, cells: Mapping[str, str]) -> None:
        self.number, self.cells = number, cells
        self.problems: list[LineProblem] = []

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")

    def read(self, name: str, how: Callable[[str], Any], otherwise: Any = 0) -> Any:
        """What a cell says; a bad one is a problem of the line, which is then not used."""
        try:
            return how(self[name])
        except Unreadable as error:
            self.refuse(name, str(error))
            return otherwise

    def refuse(self, name: str, reason: str) -> None:
        self.problems.append(LineProblem(self.number, name, self[name][:LONGEST_TEXT], reason))


def _given(text: str) -> str:
    if not text:
        raise Unreadable("is empty")
    return text


def _serial(text: str) -> int:
    if not (_WHOLE.fullmatch(_given(text)) and text.isascii()):
        raise Unreadable("is no serial number; write digits only")
    serial = int(text)
    if len(str(serial)) > DIGITS:
        raise Unreadable(f"has more than {DIGITS} digits")
    return serial


def _count(text: str) -> int:
    if not (_WHOLE.fullmatch(_given(text)) and text.isascii()) or int(text) == 0:
        raise Unreadable("is no whole number above 0; write it without separators")
    return int(text)


def _electricity(text: str) -> None:
    if _given(text).lower() != CARRIER:
        raise Unreadable(f"is not {CARRIER}, the one carrier of EnergyTag's standard, version 2")


def _provenance(row: _Row) -> dict[str, str]:
    """What is kept of lines whose energy came out of storage or of another carrier."""
    found = {}
    if row.read(IS_CONVERTED, flag):
        found[IS_CONVERTED] = YES
    if row.read(IS_STORAGE, flag):
        found |= {IS_STORAGE: YES, EFFICIENCY: row.read(EFFICIENCY, efficiency, "")}
    return found


def _text(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise Unreadable(f"has more than {LONGEST_TEXT} characters")
    if not text.isprintable():
        raise Unreadable("holds a character that is no text")
    return text


def _identity(text: str) -> str:
    if len(_given(text)) > LONGEST_ID:
        raise Unreadable(f"has more than {LONGEST_ID} characters")
    return _text(text)
