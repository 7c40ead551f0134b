"""Finding the columns of a table of meter data by their names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from certificates.domain.formats.choices import UNITS
from certificates.errors import ColumnsMissing

SHOWN, SHOWN_LETTERS = 20, 400
# Names under which plants and portals export; a name that ends in utc says its zone.
START_NAMES = (
    "starts at",
    "interval start",
    "interval start datetime",
    "start",
    "start date",
    "start time",
    "period start",
    "timestamp",
    "datetime",
    "date time",
    "date and time",
    "from",
    "von",
    "zeitstempel",
    "date",
    "datum",
    "time",
    "zeit",
)
END_NAMES = (
    "ends at",
    "interval end",
    "interval end datetime",
    "end",
    "end time",
    "period end",
    "to",
    "bis",
    "settlementdate",
)
ZONE_WORDS = frozenset({"utc", "gmt", "local"})
CLOCK_NAMES = ("time", "zeit", "uhrzeit", "hour", "start time")
DAY_NAMES = ("date", "start date", "datum", "day", "tag")
OBSERVED_NAMES = ("observed", "is observed")
FIRST_ENERGY_NAMES = ("energy kwh", "kwh", "energy wh", "wh", "energy mwh", "mwh")
ENERGY_WORDS = frozenset(
    "energy generation generated production produced output power value export yield feed "
    "einspeisung erzeugung leistung arbeit energie wert wirkarbeit wirkleistung ertrag".split()
)
OTHER_WORDS = frozenset(
    "capacity installed limit rated setpoint consumption consumed import demand reactive price "
    "verbrauch bezug kvar kvarh cost forecast temperature irradiance".split()
)
_WORDS = re.compile(r"[^\W\d_]+|\d+")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a line keeps what. `unit` is "" where the name does not say it.

    `clock` is a second column with the time of day; `is_end`: the stamp is the interval's
    end by its name; `energies` are all columns that can be energy, the likeliest first.
    """

    start: int
    start_name: str
    is_utc: bool
    is_end: bool
    clock: int | None
    energy: int
    energy_name: str
    unit: str
    energies: tuple[int, ...]
    observed: int | None
    observed_name: str
    width: int


def plain(name: str) -> str:
    """A column's name in small letters, its words parted by single spaces."""
    return " ".join(_WORDS.findall(name.lower()))


def unit_of(name: str) -> str:
    """The unit a column's name ends in, in small letters; "" for none."""
    words = [word for word in plain(name).split() if word in UNITS]
    return words[-1] if words else ""


def find_columns(names: Sequence[str], wanted: Mapping[str, str] | None = None) -> Columns:
    """Columns by their names, or as `wanted` maps start and energy to names.

    Raises: ColumnsMissing, naming what was looked for and what was found.
    """
    wanted = wanted or {}
    known = [plain(name) for name in names]
    start, is_end = _start(names, known, wanted)
    clock = _clock(known, start)
    taken = {start, clock}
    energies = _energies(names, known, wanted, taken)
    observed = next((known.index(name) for name in OBSERVED_NAMES if name in known), None)
    return Columns(
        start=start,
        start_name=names[start].strip().lower(),
        is_utc="utc" in known[start].split() or "gmt" in known[start].split(),
        is_end=is_end,
        clock=clock,
        energy=energies[0],
        energy_name=names[energies[0]].strip().lower(),
        unit=unit_of(names[energies[0]]),
        energies=tuple(energies),
        observed=observed,
        observed_name="" if observed is None else names[observed].strip().lower(),
        width=len(names),
    )


def position_of(names: Sequence[str], wanted: str) -> int:
    """Raises: ColumnsMissing."""
    small = [name.strip().lower() for name in names]
    name = wanted.strip().lower()
    if name not in small:
        raise ColumnsMissing(
            f"The file has no column {wanted[:80]!r}. It has: {named(names)}.", names=names
        )
    return small.index(name)


def find_selection(names: Sequence[str], selection: Mapping[str, str]) -> list[tuple[int, str]]:
    """Positions and wanted values. Raises: ColumnsMissing for an unknown column."""
    small = [name.strip().lower() for name in names]
    found = []
    for name, value in selection.items():
        if name.strip().lower() not in small:
            raise ColumnsMissing(
                f"The file has no column {name!r} to select by. It has: {named(names)}."
            )
        found.append((small.index(name.strip().lower()), value.strip()))
    return found


def named(names: Sequence[str]) -> str:
    """Column names for a sentence, the first few of very many."""
    shown = ", ".join(names[:SHOWN])[:SHOWN_LETTERS] or "nothing"
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN:,} more"


def _start(names: Sequence[str], known: list[str], wanted: Mapping[str, str]) -> tuple[int, bool]:
    if wanted.get("start"):
        position = position_of(names, wanted["start"])
        return position, known[position].removesuffix(" utc") in END_NAMES
    known = [" ".join(word for word in name.split() if word not in ZONE_WORDS) for name in known]
    # A stamp by name stands before a bare day, and a start before an end.
    for options, is_end in ((START_NAMES, False), (END_NAMES, True)):
        for name in options:
            if name in known:
                return known.index(name), is_end
    for position, name in enumerate(known):
        words = name.split()
        if words and (words[0] in ("timestamp", "datetime") or words[-1] == "timestamp"):
            return position, False
    raise _missing(names, "the start of the interval", "interval_start_utc, starts_at or start")


def _clock(known: list[str], start: int) -> int | None:
    if known[start] not in DAY_NAMES:
        return None
    return next((known.index(name) for name in CLOCK_NAMES if name in known), None)


def _energies(
    names: Sequence[str], known: list[str], wanted: Mapping[str, str], taken: set[int | None]
) -> list[int]:
    if wanted.get("energy"):
        return [position_of(names, wanted["energy"])]
    ranked = []
    for position, name in enumerate(known):
        words = set(name.split())
        if position in taken or words & OTHER_WORDS:
            continue
        if name in FIRST_ENERGY_NAMES:
            ranked.append((FIRST_ENERGY_NAMES.index(name) - 10, position))
        elif unit := unit_of(name):
            ranked.append((0 if unit.endswith("h") else 1, position))
        elif words & ENERGY_WORDS:
            ranked.append((2, position))
    if not ranked:
        raise _missing(names, "the energy, with its unit in the name", "energy_kwh or kwh or wh")
    best = min(rank for rank, _ in ranked)
    # Several columns of one kind are several plants; a better-named one stands alone.
    return [position for rank, position in sorted(ranked) if rank == best]


def _missing(names: Sequence[str], what: str, wanted: str) -> ColumnsMissing:
    return ColumnsMissing(
        f"The file has no column for {what}. Name it {wanted} in line 1, or say which column "
        f"it is; line 1 has: {named(names)}.",
        names=names,
    )
