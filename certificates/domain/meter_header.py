"""Finding the columns of a meter file by their names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from certificates.errors import ColumnsMissing

DELIMITERS = ",;\t"
SHOWN, SHOWN_LETTERS = 20, 400
# Names under which plants and portals export; a name that ends in _utc says its zone.
START_NAMES = (
    "interval_start_utc",
    "starts_at",
    "starts_at_utc",
    "interval_start",
    "interval_start_datetime",
    "start_utc",
    "start",
    "timestamp_utc",
    "timestamp",
)
ENERGY_NAMES = {
    "energy_kwh": "kwh",
    "kwh": "kwh",
    "energy_wh": "wh",
    "wh": "wh",
    "energy_mwh": "mwh",
    "mwh": "mwh",
}
OBSERVED_NAMES = ("observed", "is_observed")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a line keeps what; `unit` is wh, kwh or mwh."""

    start: int
    start_name: str
    is_utc: bool
    energy: int
    energy_name: str
    unit: str
    observed: int | None
    observed_name: str
    width: int


def delimiter_of(first_line: str) -> str:
    """The delimiter that occurs most in the header."""
    return max(DELIMITERS, key=first_line.count)


def find_columns(names: Sequence[str]) -> Columns:
    """Raises: ColumnsMissing, naming what was looked for and what was found."""
    known = [name.strip().lower() for name in names]
    start = _find(known, START_NAMES, "the start of the interval")
    energy = _find(known, tuple(ENERGY_NAMES), "the energy, with its unit in the name")
    observed = next((known.index(name) for name in OBSERVED_NAMES if name in known), None)
    return Columns(
        start=start,
        start_name=known[start],
        is_utc=known[start].endswith("_utc"),
        energy=energy,
        energy_name=known[energy],
        unit=ENERGY_NAMES[known[energy]],
        observed=observed,
        observed_name="" if observed is None else known[observed],
        width=len(known),
    )


def find_selection(names: Sequence[str], selection: Mapping[str, str]) -> list[tuple[int, str]]:
    """Positions and wanted values. Raises: ColumnsMissing for an unknown column."""
    known = [name.strip().lower() for name in names]
    found = []
    for name, value in selection.items():
        if name.strip().lower() not in known:
            raise ColumnsMissing(
                f"The file has no column {name!r} to select by. It has: {named(names)}."
            )
        found.append((known.index(name.strip().lower()), value.strip()))
    return found


def named(names: Sequence[str]) -> str:
    """Column names for a sentence, the first few of very many."""
    shown = ", ".join(names[:SHOWN])[:SHOWN_LETTERS] or "nothing"
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN:,} more"


def _find(known: list[str], wanted: Sequence[str], what: str) -> int:
    for name in wanted:
        if name in known:
            return known.index(name)
    has = named(known)
    raise ColumnsMissing(
        f"The file has no column for {what}. Name it {' or '.join(wanted[:3])} in line 1; "
        f"line 1 has: {has}."
    )
