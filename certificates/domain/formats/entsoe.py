"""Actual generation per unit as ENTSO-E's Transparency Platform exports it (item 16.1.A).

Mean power in MW over the row's resolution, stamped at the start, in UTC. A unit may be listed
once for its bidding zone and once for its control area: summing both issues everything twice.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from certificates.domain.formats.choices import MARK, STATED, Choice
from certificates.domain.formats.header import plain
from certificates.domain.formats.numbers import reader
from certificates.domain.formats.series import Series
from certificates.domain.formats.times import FIRST_MINUTE, LAST_MINUTE, Clock
from certificates.domain.meter_lines import MEASURED
from certificates.domain.meter_values import Unreadable
from certificates.errors import ColumnsMissing, MeterFileRefused

NAMES = {
    "at": ("datetime utc", "datetime", "mtu utc"),
    "resolution": ("resolutioncode",),
    "unit": ("generationunitcode",),
    "name": ("generationunitname",),
    "output": ("actualgenerationoutput mw", "actualgenerationoutput"),
    "consumption": ("actualconsumption mw", "actualconsumption"),
    "area": ("areatypecode",),
}
NEEDED = ("at", "resolution", "unit", "output")
_RESOLUTION = re.compile(r"PT(\d{1,3})([MH])")
Row = tuple[int, list[str]]


def stated() -> dict[str, Choice]:
    """What the format itself settles."""
    return {
        "unit": Choice("mw", STATED, "by the format, mean power"),
        "zone": Choice("UTC", STATED, "by the format"),
        "stamp": Choice("start", STATED, "by the format"),
        "counter": Choice("interval", STATED, "by the format"),
    }


def is_header(names: Sequence[str]) -> bool:
    """Whether a row of names is this format's."""
    known = {plain(name) for name in names}
    return all(known & set(NAMES[name]) for name in NEEDED)


def read(rows: Iterator[Row]) -> Series:
    """Every unit of a file, its rows below the header. Raises: MeterFileRefused."""
    _, names = next(rows, (0, []))
    if not is_header(names):
        raise ColumnsMissing("The file has no columns of ENTSO-E's item 16.1.A in line 1.")
    taking = _Taking(names)
    for line, row in rows:
        taking.row(line, row)
    if not taking.series.rows:
        raise MeterFileRefused("The file has no lines.")
    taking.drop_double_listings()
    return taking.series


class _Taking:
    def __init__(self, names: Sequence[str]) -> None:
        known = [plain(name) for name in names]
        self.place = {
            what: next((known.index(name) for name in options if name in known), None)
            for what, options in NAMES.items()
        }
        self.series = Series("datetime", "actualgenerationoutput", is_power=True)
        self.clock, self.number = Clock(), reader("mw", ".")
        self.keys: dict[str, int] = {}
        self.areas: dict[str, int] = {}
        self.area: list[int] = []

    def row(self, line: int, row: list[str]) -> None:
        """Read one row, or note why not."""
        series, unit = self.series, self._cell(row, "unit")
        if not unit:
            return series.refuse(-1, line, "generationunitcode", "", "names no unit")
        key = self._key(unit, row)
        field, value = "actualgenerationoutput", self._cell(row, "output")
        used = self._cell(row, "consumption")
        if not value and not used:
            return series.skip(key)
        try:
            amount = self.number(value) if value else 0
            if used:
                field = "actualconsumption"
                amount -= self.number(used)
            field, value = "resolutioncode", self._cell(row, "resolution")
            length = _length(value)
            field, value = "datetime", self._cell(row, "at")
            at = self.clock.read(value)[0]
            if not FIRST_MINUTE < at < LAST_MINUTE:
                raise Unreadable("is no time of a meter; write 2018-01-31T12:00:00Z")
        except Unreadable as error:
            return series.refuse(key, line, field, value, str(error))
        raw = self._cell(row, "output") or f"-{used}"
        series.add(key, line, at, amount, raw[:40], about=(length, MEASURED))
        return self.area.append(self.areas.setdefault(self._cell(row, "area"), len(self.areas)))

    def drop_double_listings(self) -> None:
        """Of a unit and time listed for two kinds of area, keep the first listing."""
        series = self.series
        key, at, area = (np.array(c, np.int64) for c in (series.key, series.at, self.area))
        order = np.lexsort((at, key))
        twice = (
            (key[order][1:] == key[order][:-1])
            & (at[order][1:] == at[order][:-1])
            & (area[order][1:] != area[order][:-1])
        )
        if twice.any():
            series.drop(order[1:][twice].tolist())
            names = " and ".join(sorted(name for name in self.areas if name)) or "two areas"
            series.notes.append(
                (
                    "double_listing",
                    f"{int(twice.sum())} intervals are listed twice, for {names}: one is taken.",
                )
            )

    def _key(self, unit: str, row: Sequence[str]) -> int:
        key = self.keys.get(unit)
        if key is None:
            name = f"{unit} {self._cell(row, 'name')}".strip()[:100]
            key = self.keys[unit] = self.series.register(name, {f"{MARK}key": unit[:100]})
        return key

    def _cell(self, row: Sequence[str], what: str) -> str:
        place = self.place[what]
        return row[place].strip() if place is not None and place < len(row) else ""


def _length(text: str) -> int:
    found = _RESOLUTION.fullmatch(text)
    minutes = int(found.group(1)) * (60 if found.group(2) == "H" else 1) if found else 0
    if not 0 < minutes <= 1440:
        raise Unreadable("is no resolution like PT30M")
    return minutes
