"""Any meter file: what format it is, what it says, and which of its registers is meant."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

import numpy as np

from certificates.domain.formats import (
    csv_rows,
    entsoe,
    espi,
    json_readings,
    mscons,
    nem,
    table,
    xlsx_rows,
)
from certificates.domain.formats.choices import (
    GUESSED,
    MARK,
    OPEN,
    POWER,
    STATED,
    USUAL,
    Choice,
    Choices,
    filters_of,
    given_choices,
)
from certificates.domain.formats.encodings import SAID, WINDOWS, encoding_of, text_of_head
from certificates.domain.formats.header import named
from certificates.domain.formats.infer import NO_HINTS, Hints
from certificates.domain.formats.series import Register, Series
from certificates.domain.formats.table_rows import Row
from certificates.errors import (
    ChoiceNeeded,
    ChoiceRefused,
    ColumnsMissing,
    WrongEncoding,
    WrongFormat,
)

HEAD = 4096  # bytes that show what a file is
CSV, XLSX, NEM, ESPI, MSCONS, ENTSOE, JSON = (
    "csv",
    "xlsx",
    "nem",
    "espi",
    "mscons",
    "entsoe",
    "json",
)
FORMATS = {
    CSV: "a table of text (CSV)",
    XLSX: "an Excel workbook",
    NEM: "NEM12 or NEM13",
    ESPI: "Green Button (ESPI)",
    MSCONS: "MSCONS",
    ENTSOE: "ENTSO-E 16.1.A",
    JSON: "JSON",
}
SAVE_AS = "Open it in the program that made it and save it as CSV or XLSX."
FOREIGN = {
    b"PK\x05\x06": f"This is an empty ZIP archive, no meter file. {SAVE_AS}",
    b"\xd0\xcf\x11\xe0": f"This is an old Excel workbook (XLS). {SAVE_AS}",
    b"%PDF": "This is a PDF. Export the meter data as CSV.",
}
TEXTS = (CSV, NEM, ENTSOE)  # read in any encoding of text
# Fixed by the format: whoever chooses otherwise has another kind of file.
FIXED = ("unit", "stamp", "counter", "decimal", "dates", "device", "start", "energy")

NOTHING_GIVEN = Choices()


@dataclass(slots=True)
class FileRead:
    """A file's values and what was decided about it. `names` is the header of a table."""

    format: str
    series: Series
    choices: Choices
    registers: list[Register]
    names: list[str] = field(default_factory=list)

    @property
    def key(self) -> int:
        """The place of the chosen register. Raises: ChoiceNeeded."""
        wanted = self.choices["key"]
        for place, register in enumerate(self.series.registers):
            if not wanted or wanted in (register.name, *register.selection.values()):
                return place
        raise ChoiceNeeded(ask_for_register(self.registers), choice="key")


def format_of(stream: BinaryIO) -> str:
    """The format by the first bytes. Raises: WrongFormat, WrongEncoding."""
    stream.seek(0)
    head = stream.read(HEAD)
    stream.seek(0)
    for magic, sentence in FOREIGN.items():
        if head.startswith(magic):
            raise WrongFormat(sentence)
    if head.startswith(b"PK\x03\x04"):
        return XLSX
    text = text_of_head(head).removeprefix(b"\xef\xbb\xbf").lstrip()
    if b"\0" in text:
        raise WrongFormat("The file is binary, not CSV. Export the meter data as CSV.")
    if not text:
        raise WrongFormat("The file is empty: nothing stands in it. Export the meter data again.")
    kind = _kind(text)
    if text_of_head(head) is not head and kind not in TEXTS:
        raise WrongEncoding(
            f"The file is UTF-16 text, which {FORMATS[kind]} never is. Save it as UTF-8."
        )
    return kind


def _kind(text: bytes) -> str:
    if text.startswith((b"UNA", b"UNB+")):
        return MSCONS
    if text.upper().startswith((b"100,NEM12", b"100,NEM13")):
        return NEM
    if text[:9].lower().startswith((b"<html", b"<!doctype")):
        raise WrongFormat(
            "This is a web page, no meter file. Perhaps the portal asked to log in again: download "
            "the file once more."
        )
    if text.startswith(b"<"):
        return ESPI
    if text.startswith((b"{", b"[")):
        return JSON
    return ENTSOE if b"generationunitcode" in text.partition(b"\n")[0].lower() else CSV


def read_file(stream: BinaryIO, selection: Mapping[str, str], hints: Hints = NO_HINTS) -> FileRead:
    """Read a whole file; its open choices stand in `choices`.

    `stream` is seekable and holds the unpacked bytes. Lines are numbered as in the file,
    the first being line 1 (a segment of MSCONS, a reading of JSON).
    Raises: MeterFileRefused and its kinds.
    """
    given = given_choices(selection)
    kind = format_of(stream)
    if kind in (CSV, XLSX):
        return _read_table(stream, kind, given, selection, hints)
    _refuse_for_fixed(kind, given, selection)
    if kind == ESPI:
        series, feed = espi.read(stream)
        return _with_register(kind, series, espi.stated(feed), given)
    if kind == MSCONS:
        series = mscons.read(stream)
        return _with_register(kind, series, mscons.stated(_zone(series, hints)), given)
    if kind == JSON:
        return _with_register(kind, json_readings.read(stream), json_readings.stated(), given)
    reader, stated = (nem.read, nem.stated) if kind == NEM else (entsoe.read, entsoe.stated)
    with text_in(stream, kind) as (text, delimiter):
        return _with_register(kind, reader(csv_rows.rows_of(text, delimiter)), stated(), given)


@contextmanager
def text_in(stream: BinaryIO, kind: str) -> Iterator[tuple[io.TextIOWrapper, str]]:
    """A delimited file's text in its own encoding, and its delimiter.

    Raises: WrongEncoding, MeterFileRefused.
    """
    with csv_rows.refusing(stream, encoding_of(stream)) as text:
        yield text, "," if kind == NEM else csv_rows.delimiter_of(text)


def _zone(series: Series, hints: Hints) -> Choice:
    if series.is_utc:
        return Choice("UTC", STATED, "each time says its offset")
    zone = hints.zone or "Europe/Berlin"
    return Choice(zone, GUESSED, "the times say no offset")


def _refuse_for_fixed(kind: str, given: Choices, selection: Mapping[str, str]) -> None:
    for name in FIXED:
        if name in given.made:
            raise ChoiceRefused(
                f"The file is {FORMATS[kind]}, which settles {MARK}{name} itself.", choice=name
            )
    if columns := filters_of(selection):
        raise ChoiceRefused(
            f"The file is {FORMATS[kind]}: it has registers, not a column "
            f"{next(iter(columns))!r}. Choose one with {MARK}key."
        )


def _with_register(
    kind: str, series: Series, stated: dict[str, Choice], given: Choices
) -> FileRead:
    registers = [one for one in series.registers if one.direction != "other"]
    choices = Choices(stated).with_(**given.made)
    if "key" not in given.made and len(series.registers) > 0:
        choices = choices.with_(key=_register(registers))
    return FileRead(kind, series, choices, registers)


def _register(registers: list[Register]) -> Choice:
    exports = [one for one in registers if one.direction == "export"]
    if len(exports) == 1:
        return Choice(_id(exports[0]), STATED, "it is the only one that says feed-in")
    if len(registers) == 1:
        return Choice(_id(registers[0]), USUAL, "it is the only one")
    return Choice("", OPEN, "the file has several")


def _id(register: Register) -> str:
    return next(iter(register.selection.values()), register.name)


def _read_table(
    stream: BinaryIO, kind: str, given: Choices, selection: Mapping[str, str], hints: Hints
) -> FileRead:
    if kind == XLSX:
        sheet = xlsx_rows.sheet_of(stream)
        first = list(islice(xlsx_rows.rows_in(sheet), 1))
        if first and entsoe.is_header(first[0][1]):
            _refuse_for_fixed(ENTSOE, given, selection)
            read = entsoe.read(xlsx_rows.rows_in(sheet))
            return _with_register(ENTSOE, read, entsoe.stated(), given)
        return _TableFile(kind, lambda: xlsx_rows.rows_in(sheet)).read(given, selection, hints)
    with text_in(stream, kind) as (text, delimiter):

        def rows() -> Iterator[Row]:
            text.seek(0)
            return csv_rows.rows_of(text, delimiter)

        done = _TableFile(kind, rows).read(given, selection, hints)
        if text.encoding == WINDOWS:
            done.series.notes.append(("other_encoding", SAID))
        return done


@dataclass(frozen=True, slots=True)
class _TableFile:
    """A table that can be gone through from its start again."""

    kind: str
    rows: Callable[[], Iterator[Row]]

    def read(self, given: Choices, selection: Mapping[str, str], hints: Hints) -> FileRead:
        opened = table.open_table(self.rows(), given)
        choices = table.choices_for(opened, given, selection, hints)
        if choices["counter"] == "cumulative" and choices["unit"] in POWER:
            raise ChoiceRefused("A register counts energy: choose Wh, kWh or MWh.", choice="unit")
        series = table.read(opened, choices, selection)
        registers = series.registers if given["device"] else []
        if not (given["device"] or given["energy"] or filters_of(selection)):
            registers = self._offered(series, opened, given)
        if registers and not given["key"]:
            choices = choices.with_(key=Choice("", OPEN, "the file has several plants"))
        names = [name.strip() for name in opened.names]
        return FileRead(self.kind, series, choices, registers, names)

    def _offered(self, series: Series, opened: table.Table, given: Choices) -> list[Register]:
        """The plants among which somebody must choose, where nobody did yet."""
        if columns := table.energy_columns(opened):
            return [Register(chosen[f"{MARK}energy"], chosen) for chosen in columns]
        at = np.sort(np.array(series.at, np.int64))
        if np.count_nonzero(at[1:] == at[:-1]) <= len(at) // 10:
            return []
        column, values = table.devices_of(table.open_table(self.rows(), given))
        return [Register(value, {column: value}) for value in values]


def layout_of(stream: BinaryIO) -> tuple[str, list[str]]:
    """The format and, of a table, its first row: files of one layout are read alike.

    Raises: MeterFileRefused and its kinds.
    """
    kind = format_of(stream)
    if kind == XLSX:
        return kind, _header(xlsx_rows.rows_of(stream))
    if kind != CSV:
        return kind, []
    with text_in(stream, kind) as (text, delimiter):
        return kind, _header(csv_rows.rows_of(text, delimiter))


def _header(rows: Iterator[Row]) -> list[str]:
    try:
        return [name.strip() for name in table.open_table(rows, NOTHING_GIVEN).names]
    except ColumnsMissing as error:
        return [name.strip() for name in error.names]


def ask_for_register(registers: list[Register]) -> str:
    """The sentence that asks which plant of a file is meant."""
    if not registers:
        return "The file has no register of energy."
    chosen = registers[0].selection
    how = " and ".join(f"{name}={value}" for name, value in chosen.items())
    names = named([one.name for one in registers])
    return f"The file holds several plants or registers: {names}. Choose one, such as {how}."


def demand_settled(read: FileRead) -> None:
    """For doors without a preview: nothing grave may be guessed. Raises: ChoiceNeeded."""
    key = read.choices.made.get("key")
    if key and key.basis == OPEN:
        raise ChoiceNeeded(ask_for_register(read.registers), choice="key")
    read.choices.demand_settled()
