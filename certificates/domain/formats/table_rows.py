"""Lines of a table into a series: together where all of them are plain, else one by one."""

from collections.abc import Sequence

from certificates.domain.formats import header
from certificates.domain.formats.choices import Choices
from certificates.domain.formats.infer import stamp, stamps
from certificates.domain.formats.numbers import plain_reader, reader
from certificates.domain.formats.series import PLAIN, Series
from certificates.domain.formats.times import FIRST_MINUTE, LAST_MINUTE, Clock
from certificates.domain.meter_values import LARGEST_COUNT_WH, LARGEST_WH, Unreadable

NO, YES = {"0", "false", "no"}, {"1", "true", "yes", ""}
Row = tuple[int, list[str]]


class Taking:
    """Reads rows into a series; a register for each value of the column that names plants."""

    def __init__(
        self, names: Sequence[str], columns: header.Columns, series: Series, choices: Choices
    ) -> None:
        self.columns, self.series = columns, series
        self.clock = Clock(choices["dates"])
        most_wh = LARGEST_COUNT_WH if series.is_count else LARGEST_WH
        self.number = reader(choices["unit"], choices["decimal"], most_wh)
        self.plain_numbers = plain_reader(choices["unit"], choices["decimal"], most_wh)
        self.zone = choices["zone"]
        self.is_fixed: bool | None = None  # whether lines say their zone, as the first did
        device = choices["device"]
        self.device = header.position_of(names, device) if device else None
        self.device_name = device.strip()
        self.keys: dict[str, int] = {}
        if self.device is None:
            series.register(self.columns.energy_name, {})

    def rows(self, rows: Sequence[Row]) -> None:
        """Read lines as `row` reads each."""
        if self.series.is_count or not self._together(rows):
            for line, row in rows:
                self.row(line, row)

    def _together(self, rows: Sequence[Row]) -> bool:
        """Take lines column by column, if `row` would take every one of them as it stands."""
        columns = self.columns
        cells = [row for _, row in rows]
        if not cells or min(map(len, cells)) < columns.width:
            return False
        observed = columns.observed
        if observed is not None and any(row[observed].strip().lower() not in YES for row in cells):
            return False
        texts = [row[columns.energy].strip() for row in cells]
        amounts = self.plain_numbers(texts)
        minutes = amounts and self._minutes(stamps(cells, columns))
        if not amounts or not minutes:
            return False
        keys = [0] * len(cells)
        if self.device is not None:
            keys = [self._key(row[self.device].strip()) for row in cells]
        self.series.extend(keys, [line for line, _ in rows], minutes, amounts, texts)
        return True

    def _minutes(self, texts: Sequence[str]) -> list[int] | None:
        """The times as `_minute` reads them; None if one is bad, or says its zone unlike before."""
        if self.is_fixed is None and self.zone != "UTC":
            return None
        try:
            minutes, states = self.clock.read_all(texts)
        except Unreadable:
            return None
        if self.zone != "UTC" and states != {self.is_fixed}:
            return None
        return minutes if min(minutes) > FIRST_MINUTE and max(minutes) < LAST_MINUTE else None

    def row(self, line: int, row: list[str]) -> None:
        """Read one line, or note why not."""
        columns, series = self.columns, self.series
        if len(row) < columns.width and not self._is_ragged(row):
            reason = f"has {len(row)} columns, the header {columns.width}; is a delimiter missing?"
            return series.refuse(-1, line, "line", ",".join(row), reason)
        key = 0 if self.device is None else self._key(row[self.device].strip())
        text = row[columns.energy].strip()
        flag = "1" if columns.observed is None else row[columns.observed].strip().lower()
        if flag in NO and not text:
            return series.skip(key)
        name, value = columns.energy_name, text
        try:
            if flag not in YES and flag not in NO:
                name, value = columns.observed_name, flag
                raise Unreadable("is neither 1 nor 0")
            if not text:
                raise Unreadable("is empty; write 0, or mark the interval with observed 0")
            amount = self.number(text)
            name, value = columns.start_name, stamp(row, columns)
            at = self._minute(value)
            name, value = columns.energy_name, text
            series.add(key, line, at, amount, text, about=PLAIN)
        except Unreadable as error:
            return series.refuse(key, line, name, value, str(error))
        if flag in NO:
            series.marked.append(len(series.raw) - 1)
        return None

    def _is_ragged(self, row: list[str]) -> bool:
        """A row may leave out what stands empty at its end, as sheets and portals do."""
        columns = self.columns
        others = (columns.clock, columns.observed, self.device)
        needed = [columns.energy, columns.start, *(place or 0 for place in others)]
        return len(row) > max(needed) and self.columns.width > len(row) > 1

    def _minute(self, text: str) -> int:
        at, is_fixed = self.clock.read(text)
        if is_fixed is not self.is_fixed and self.zone != "UTC":
            if self.is_fixed is None and (is_fixed or self.zone):
                self.is_fixed = is_fixed
            elif is_fixed:
                raise Unreadable("says its zone, unlike the lines before it; write all alike")
            else:
                raise Unreadable("does not say its zone; write 2018-01-31T12:00:00Z")
        if not FIRST_MINUTE < at < LAST_MINUTE:
            raise Unreadable("is no time of a meter; write 2018-01-31T12:00:00Z")
        return at

    def _key(self, name: str) -> int:
        key = self.keys.get(name)
        if key is None:
            key = self.keys[name] = self.series.register(name, {self.device_name: name})
        return key
