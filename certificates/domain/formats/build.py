"""From what a file says to the lines of one device, by what was decided about it."""

from array import array
from dataclasses import dataclass, field
from datetime import tzinfo

import numpy as np
import numpy.typing as npt

from certificates.domain.formats import intervals
from certificates.domain.formats.choices import Choices
from certificates.domain.formats.infer import NO_HINTS, Hints
from certificates.domain.formats.intervals import Values
from certificates.domain.formats.series import IMPORT, Series
from certificates.domain.formats.times import DAY, text_of
from certificates.domain.formats.zones import SKIPPED_HOUR, UNCLEAR_HOUR, to_utc, zone_of
from certificates.domain.meter_lines import LineProblem, MeterLines, Names
from certificates.domain.meter_values import UWH_IN_WH
from ledger.domain.calls import MAX_AMOUNT_WH

Column = npt.NDArray[np.int64]
# What devices write where they have no value, told by being the lowest number of the file.
SENTINELS = (-1_000_000, -999_999, -99_999, -9_999, -999)
FEW = 20  # one in so many makes a length more than an exception
MOST = 10**17  # millionths of a W or Wh: a hundred GW or GWh in one interval
LARGE_SENTINEL = -999_999  # from which on a number is a sentinel whatever its unit
UNIT_MILLIONTHS = {"wh": 10**6, "kwh": 10**9, "mwh": 10**12, "w": 10**6, "kw": 10**9, "mw": 10**12}


@dataclass(slots=True)
class Built:
    """Lines, and what was seen on the way that a person should know: code and sentence.

    `local` is the wall clock of each value as written, where the file has no zone of its
    own; `lengths` how many values had which length (minutes), `is_stated` by the file.
    """

    lines: MeterLines
    local: Column | None = None
    lengths: dict[int, int] = field(default_factory=dict)
    is_stated: bool = False
    notes: list[tuple[str, str]] = field(default_factory=list)


class _Work:
    """The values of one register on their way, with the problems found in them."""

    def __init__(self, series: Series, key: int) -> None:
        self.series = series
        keys = np.frombuffer(series.key, np.int16) if series.key else np.empty(0, np.int16)
        places = np.flatnonzero(keys == key)
        self.values = Values(
            place=places,
            at=_column(series.at)[places],
            length=_column(series.length)[places],
            amount=_column(series.amount)[places],
            quality=_column(series.quality)[places],
        )
        self.problems = [problem for owner, problem in series.problems if owner in (key, -1)]
        self.merged = self.filled = 0

    def refuse(self, gone: npt.NDArray[np.bool_], name: str, reason: str) -> None:
        """Take values out and say why."""
        for place, at in zip(
            self.values.place[gone].tolist(), self.values.at[gone].tolist(), strict=True
        ):
            is_energy = name == self.series.energy_name
            value = self.series.raw[place] if is_energy else text_of(at).removesuffix("Z")
            line = self.series.line[place]
            self.problems.append(LineProblem(line, name, value, reason))
        self.values = self.values.where(~gone)


def build(series: Series, key: int, choices: Choices, hints: Hints = NO_HINTS) -> Built:
    """The lines of one register in UTC and Wh. Never raises for what a line says."""
    work = _Work(series, key)
    built = Built(MeterLines(Names(series.start_name, series.energy_name)))
    built.notes += series.notes
    built.lines.is_import = series.registers[key].direction == IMPORT
    zone = zone_of(choices["zone"]) if not series.is_utc else None
    if zone is not None:
        built.local = work.values.at.copy()
        _to_utc(work, zone, choices["zone"])
    _lengths(work, built, choices, hints.usual_length)
    _drop_sentinels(work, built, choices, hints.capacity_w)
    _drop_impossible(work, choices)
    if choices["stamp"] == "end":
        work.values.at = work.values.at - work.values.length
    if choices["counter"] == "cumulative":
        _differences(work, series)
    elif series.is_power:
        amount, length = work.values.amount, work.values.length
        # In two steps, so that no product leaves 64 bits.
        work.values.amount = amount // 60 * length + amount % 60 * length // 60
    if choices["sign"] == "reversed":
        work.values.amount = -work.values.amount
    _to_whole_intervals(work, built)
    if choices["absent"] == "zero":
        work.values, work.filled = intervals.fill(work.values)
    _drop_uncertifiable(work)
    _write(work, built.lines, series, key)
    return built


def _column(values: "array[int]") -> Column:
    return np.array(values, dtype=np.int64)


def _drop_sentinels(work: _Work, built: Built, choices: Choices, capacity_w: int | None) -> None:
    values = work.values
    if choices["counter"] == "cumulative" or not len(values.amount):
        return
    one = UNIT_MILLIONTHS[choices["unit"]]
    lowest = int(values.amount.min())
    if lowest % one or lowest // one not in SENTINELS:
        return
    number = lowest // one
    if number > LARGE_SENTINEL and -lowest < (capacity_w or MOST) * 10**6:
        return  # a plant can use that much itself
    gone = values.amount == lowest
    reason = f"{number:,} is what devices write where they have no value; leave the line out"
    work.refuse(gone, work.series.energy_name, reason)
    count = int(gone.sum())
    are = "value is" if count == 1 else "values are"
    sentence = f"{count:,} {are} {number:,}, a device's word for no value: left out."
    built.notes.append(("sentinel", sentence))


def _drop_impossible(work: _Work, choices: Choices) -> None:
    """Keep sums and products of values within 64 bits; a register's count has its own bound."""
    if choices["counter"] != "cumulative":
        reason = "is more than any plant produces; check the unit"
        work.refuse(np.abs(work.values.amount) > MOST, work.series.energy_name, reason)


def _drop_uncertifiable(work: _Work) -> None:
    """Refuse an interval whose Wh no certificate can count: of sums and registers' steps."""
    wh = work.values.amount // UWH_IN_WH
    reason = (
        f"makes more than {MAX_AMOUNT_WH:,} Wh of its interval, the most that a certificate "
        "counts; check the unit"
    )
    work.refuse(np.abs(wh) > MAX_AMOUNT_WH, work.series.energy_name, reason)


def _to_utc(work: _Work, zone: tzinfo, name: str) -> None:
    utc, state = to_utc(work.values.at, zone)
    local, work.values.at = work.values.at, utc
    reasons = {
        SKIPPED_HOUR: f"never was in {name}: clocks skip that hour in spring",
        UNCLEAR_HOUR: f"was twice in {name}, in summer and in winter time, and stands here only "
        "once; write it with its offset, such as +01:00",
    }
    if not state.any():
        return
    for kind, reason in reasons.items():
        gone = state == kind
        work.values.at[gone] = local[gone]
        work.refuse(gone, work.series.start_name, reason)
        state, local = state[~gone], local[~gone]


def _lengths(work: _Work, built: Built, choices: Choices, usual_length: int | None) -> None:
    """Fill in lengths that the file does not state: the step between its lines."""
    values = work.values
    unsaid = values.length == 0
    if unsaid.any():
        chosen = int(choices["length"] or 0)
        stepped = chosen or intervals.step_of(values.at[unsaid], usual_length)
        values.length[unsaid] = stepped
        if not chosen and stepped:
            intervals.mark_switches(values, stepped)
    built.is_stated = not unsaid.all()
    found, counts = np.unique(values.length, return_counts=True)
    built.lengths = dict(zip(found.tolist(), counts.tolist(), strict=True))


def _differences(work: _Work, series: Series) -> None:
    """Register readings become what was counted between them."""
    values, falls, wide = intervals.differences(work.values)
    first = len(work.values.at) - len(values.at)
    series.unobserved[-2] = first  # the first reading of a register is only where it starts
    work.values = values
    reason = "the register fell: it was changed or ran over; give this interval by itself"
    work.refuse(falls, series.energy_name, reason)
    wide = wide[~falls]
    reason = "counts over readings that are missing before it; how much fell in which is unknown"
    work.refuse(wide, series.energy_name, reason)


def _to_whole_intervals(work: _Work, built: Built) -> None:
    """Sum short intervals into ones of 15, 30 or 60 minutes, complete ones only."""
    if built.is_stated:
        _drop_odd_lengths(work, built)
    values = work.values
    target = intervals.target_of(set(np.unique(values.length).tolist()))
    if target is None:
        return  # nothing tells the length; whoever asks next says so
    built.lines.length = target
    if (values.length == target).all():
        return
    lengths = np.unique(values.length).tolist()
    summed, partial, vanished = intervals.aggregate(values, target)
    reason = f"is one of the parts of {target} minutes of which others are missing"
    work.refuse(partial, work.series.start_name, reason)
    work.values, work.merged = summed, vanished
    if len(lengths) > 1:
        names = " and ".join(str(length) for length in lengths)
        sentence = (
            f"The intervals change their length inside the file ({names} minutes). They are "
            f"summed into {target} minutes."
        )
        built.notes.append(("resolution_switch", sentence))


def _drop_odd_lengths(work: _Work, built: Built) -> None:
    """Refuse lengths that make up no hour, and the few that do not fit the others."""
    total = sum(built.lengths.values())
    for length, count in built.lengths.items():
        is_usual = count * length >= DAY or count * FEW >= total
        if length and 60 % length == 0 and is_usual:
            continue
        reason = f"lasts {length} minutes; intervals of 15, 30 or 60 minutes are read"
        if length and 60 % length == 0:
            reason = f"lasts {length} minutes, unlike the others of the file"
        work.refuse(work.values.length == length, work.series.start_name, reason)


def _write(work: _Work, lines: MeterLines, series: Series, key: int) -> None:
    values = work.values
    wh, remainder = np.divmod(values.amount, UWH_IN_WH)
    places = values.place.tolist()
    lines.line.frombytes(_column(series.line)[values.place].tobytes())
    lines.minute.frombytes(values.at.tobytes())
    lines.wh.frombytes(wh.tobytes())
    lines.remainder.frombytes(remainder.tobytes())
    lines.quality.frombytes(values.quality.astype(np.int8).tobytes())
    raw = series.raw
    lines.raw = [raw[place] for place in places]
    for place in np.flatnonzero(values.extra).tolist():
        lines.raw[place] = "0" if values.extra[place] == intervals.FILLED else ""
    if values.extra.any():
        texts = intervals.sum_texts(values)
        for place, text in texts.items():
            lines.raw[place] = text
    if series.marked:
        marked = np.isin(values.place, np.array(series.marked))
        lines.doubtful = np.flatnonzero(marked).tolist()
    lines.problems = sorted(work.problems, key=lambda problem: problem.line)
    lines.unobserved = series.unobserved.get(key, 0) + series.unobserved.pop(-2, 0)
    lines.merged, lines.filled = work.merged, work.filled
    lines.rows = series.rows - lines.merged + lines.filled
    lines.filtered = lines.rows - len(lines.raw) - len(lines.problems) - lines.unobserved
