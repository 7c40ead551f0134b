"""EECS codes for technologies and energy sources, and which pairs are allowed.

Source: AIB, EECS Rules Fact Sheet 05 "Types of energy inputs and technologies", as CSV
tables in `data/`. A code is a letter and two digits per level; 00 leaves a level open.
"""

import csv
import re
from functools import cache
from importlib.resources import files

from certificates.errors import InvalidDevice

UNSPECIFIED = "Unspecified"
PURE_PUMPED_STORAGE = "T030300"
STORAGE = "Storage"  # has neither code: what it gives back keeps those of the generation
AS_CHARGED = "as charged"


def is_renewable(source: str) -> bool:
    """F01: renewable."""
    return source.startswith("F01")


def is_nuclear(source: str) -> bool:
    """F03: nuclear."""
    return source.startswith("F03")


def generates_renewable(technology: str, source: str) -> bool:
    """Whether a Wh of this plant may prove a renewable source.

    Pure pumped storage gives back what the grid pumped, whatever falls through its turbine.
    """
    return is_renewable(source) and technology != PURE_PUMPED_STORAGE


def technology_name(code: str) -> str:
    """Such as "Wind, Onshore". Raises: InvalidDevice for an unknown code."""
    return STORAGE if not code else _name(_technologies(), code, "technology_code")


def source_name(code: str) -> str:
    """Such as "Wind". Raises: InvalidDevice for an unknown code."""
    return AS_CHARGED if not code else _name(_sources(), code, "energy_source_code")


def check_pair(technology: str, source: str) -> None:
    """Raises: InvalidDevice for unknown codes and for a pair that EECS does not allow."""
    names = technology_name(technology), source_name(source)
    if not any(t.fullmatch(technology) and s.fullmatch(source) for t, s in _allowed_pairs()):
        raise InvalidDevice(
            f"Technology {technology} ({names[0]}) does not use energy source {source} "
            f"({names[1]}). Pick a pair that EECS allows.",
            field="energy_source_code",
        )


def technologies() -> list[tuple[str, str]]:
    """Codes and names of the technologies that some energy source is allowed for, by code."""
    named = sorted(_technologies().items())
    return [(code, name) for code, name in named if sources_for(code)]


def sources_for(technology: str) -> list[tuple[str, str]]:
    """Codes and names of the energy sources that EECS allows for a technology, by code."""
    patterns = [s for t, s in _allowed_pairs() if t.fullmatch(technology)]
    named = sorted(_sources().items())
    return [(code, name) for code, name in named if any(s.fullmatch(code) for s in patterns)]


def more_general(code: str) -> list[str]:
    """The code and those above it, most specific first: T020001, T020000."""
    found = [code]
    for end in range(len(code) - 2, 2, -2):
        found.append(code[:end] + "0" * (len(code) - end))
    return list(dict.fromkeys(found))


def _name(table: dict[str, str], code: str, field: str) -> str:
    if code not in table:
        raise InvalidDevice(f"{code!r} is no EECS code for the {field}.", field=field)
    return table[code]


@cache
def _technologies() -> dict[str, str]:
    rows = _read("eecs_technology_codes.csv")
    return {row["code"]: _join(row, ("level1", "level2", "level3")) for row in rows}


@cache
def _sources() -> dict[str, str]:
    # The first level repeats renewable or fossil, the second the state of matter; what a
    # reader knows it by comes after.
    rows = _read("eecs_energy_source_codes.csv")
    return {
        row["code"]: _join(row, ("level3", "level4")) or _join(row, ("level1", "level2"))
        for row in rows
    }


@cache
def _allowed_pairs() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    pairs = []
    for row in _read("eecs_permissible_combinations.csv"):
        technology = re.compile(row["technology_prefix"].replace("x", r"\d"))
        for pattern in row["permitted_energy_source_prefixes"].split("|"):
            source = "F.*" if pattern == "*" else pattern.replace("x", r"\d")
            pairs.append((technology, re.compile(source)))
    return tuple(pairs)


def _join(row: dict[str, str], levels: tuple[str, ...]) -> str:
    return ", ".join(row[level] for level in levels if row[level] not in ("", UNSPECIFIED))


def _read(name: str) -> list[dict[str, str]]:
    text = (files("certificates.domain") / "data" / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
