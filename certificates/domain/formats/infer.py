"""Guessing what a table rarely says from its names and its first lines."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from certificates.domain.formats.choices import (
    GUESSED,
    OPEN,
    POWER,
    STATED,
    UNITS,
    USUAL,
    Choice,
)
from certificates.domain.formats.header import Columns, plain
from certificates.domain.formats.numbers import decimal_of, reader
from certificates.domain.formats.times import DAY, Clock, order_of
from certificates.domain.meter_values import LARGEST_COUNT_WH, PLACES, Unreadable

POWER_WORDS = frozenset("power leistung wirkleistung output".split())
COUNTER_WORDS = frozenset("register counter cumulative total zaehlerstand zählerstand".split())
FULL_PERCENT = 110  # of the capacity, above which a unit is impossible
GROWS = 24  # increases without one decrease, after which values look like a register


@dataclass(frozen=True, slots=True)
class Hints:
    """What the registry knows of the device; nothing of it is in the file.

    `capacity_w` in W, `zone` an IANA name, `longitude` in degrees east.
    """

    capacity_w: int | None = None
    zone: str = ""
    is_solar: bool = False
    longitude: float | None = None
    usual_length: int | None = None


NO_HINTS = Hints()


def infer(columns: Columns, sample: Sequence[Sequence[str]], hints: Hints) -> dict[str, Choice]:
    """A choice for everything that a table leaves open, each with its reason."""
    times = [stamp(row, columns) for row in sample]
    values = [text for row in sample if (text := _cell(row, columns.energy))]
    order, is_proven = order_of(times)
    made = {
        "dates": Choice(order, STATED if is_proven else GUESSED, "the dates say so"),
        "decimal": Choice(decimal_of(values), STATED, "the values say so"),
    }
    places = _places(times, order)
    made["zone"] = _zone(columns, times, order, hints)
    made["stamp"] = _stamp(columns, places)
    amounts = _amounts(values, made["decimal"].value)
    made["unit"] = _unit(columns, amounts, _step(places), hints)
    made["counter"] = _counter(columns, amounts, made["unit"].value)
    return made


def stamp(row: Sequence[str], columns: Columns) -> str:
    """The time in a row, put together where day and clock stand in two columns."""
    text = _cell(row, columns.start)
    return text if columns.clock is None else f"{text} {_cell(row, columns.clock)}"


def stamps(rows: Sequence[Sequence[str]], columns: Columns) -> list[str]:
    """The times in rows that have all columns."""
    if columns.clock is None:
        return [row[columns.start].strip() for row in rows]
    return [stamp(row, columns) for row in rows]


def _cell(row: Sequence[str], position: int) -> str:
    return row[position].strip() if position < len(row) else ""


def _places(times: Sequence[str], order: str) -> list[int]:
    clock, places = Clock(order), []
    for text in times:
        try:
            places.append(clock.read(text)[0])
        except Unreadable:
            continue
    return places


def _step(places: Sequence[int]) -> int:
    steps = np.diff(np.unique(np.array(places, np.int64)))
    if not len(steps):
        return 60
    values, counts = np.unique(steps, return_counts=True)
    return int(values[np.argmax(counts)])


def _zone(columns: Columns, times: Sequence[str], order: str, hints: Hints) -> Choice:
    clock, fixed, local = Clock(order), 0, 0
    for text in times:
        try:
            is_fixed = clock.read(text)[1]
        except Unreadable:
            continue
        fixed, local = fixed + is_fixed, local + (not is_fixed)
    if fixed and not local:
        return Choice("", STATED, "each line says its zone")
    if columns.is_utc:
        return Choice("UTC", STATED, "the column's name says so")
    if not fixed and not local:
        return Choice("", STATED, "no line has a time")
    if hints.zone:
        return Choice(hints.zone, GUESSED, "the plant stands there; the file does not say")
    return Choice("UTC", OPEN, "the file does not say")


def _stamp(columns: Columns, places: Sequence[int]) -> Choice:
    if columns.is_end:
        return Choice("end", STATED, "the column's name says so")
    words = plain(columns.start_name).split()
    if {"start", "starts", "from", "von", "begin", "beginn"} & set(words):
        return Choice("start", STATED, "the column's name says so")
    step = _step(places)
    ordered = sorted(places)
    # Whole days stamped at their ends run from one step after midnight to midnight.
    if len(ordered) >= DAY // max(step, 1) and ordered[0] % DAY == step and not ordered[-1] % DAY:
        return Choice("end", GUESSED, "the days run from one interval after midnight to midnight")
    return Choice("start", USUAL, "as most files do")


def _amounts(values: Sequence[str], decimal: str) -> list[int]:
    """Millionths of whatever the unit is."""
    read, amounts = reader("wh", decimal, LARGEST_COUNT_WH), []
    for text in values:
        try:
            amounts.append(read(text))
        except Unreadable:
            continue
    return amounts


def _unit(columns: Columns, amounts: Sequence[int], step: int, hints: Hints) -> Choice:
    if columns.unit:
        return Choice(columns.unit, STATED, "the column's name says so")
    is_power = bool(POWER_WORDS & set(plain(columns.energy_name).split()))
    candidates = ("w", "kw", "mw") if is_power else ("wh", "kwh", "mwh")
    most = max(amounts, default=0)
    if hints.capacity_w and most > 0:
        full = hints.capacity_w * (1 if is_power else step / 60)
        for unit in reversed(candidates):
            if most * 10 ** (PLACES[unit] - 12) * 100 <= full * FULL_PERCENT:
                because = f"in {UNITS[unit]} the highest value fits the plant's capacity best"
                return Choice(unit, GUESSED, because)
    return Choice(candidates[1], OPEN, "the file does not say")


def _counter(columns: Columns, amounts: Sequence[int], unit: str) -> Choice:
    if unit in POWER:
        return Choice("interval", STATED, "power is no register")
    words = set(plain(columns.energy_name).split())
    if words & COUNTER_WORDS and _only_grows(amounts):
        return Choice("cumulative", STATED, "the column's name and the values say so")
    if _only_grows(amounts):
        return Choice("cumulative", GUESSED, "the values only ever grow, as a register's do")
    return Choice("interval", USUAL, "as most files do")


def _only_grows(amounts: Sequence[int]) -> bool:
    """Read upwards or downwards: newest-first files exist."""
    values = np.array(amounts, object)  # a register's count may need more than 64 bits
    steps = np.diff(values)
    if np.count_nonzero(steps) < GROWS or values.min() < 0:
        return False
    return bool((steps >= 0).all() or (steps <= 0).all())
