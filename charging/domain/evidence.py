"""How sure a matched kilowatt-hour is: energy, timing and generation, the worst one counts."""

from collections.abc import Iterable
from dataclasses import dataclass

SIGNED, STATEMENT = "signed", "statement"
PERIODS, POWER, UNIFORM = "periods", "power", "uniform"
MEASURED, CALCULATED, ESTIMATED = "measured", "calculated", "estimated"

_ENERGY = {
    SIGNED: ("A", "The charger's meter signed the amount of energy."),
    STATEMENT: ("C", "The operator stated the amount of energy; no signed meter value."),
}
_TIMING = {
    SIGNED: ("A", "The meter signed the energy of each interval."),
    PERIODS: ("B", "The operator stated the energy of each charging period."),
    POWER: ("B", "The operator stated the power in the course of the charge."),
    UNIFORM: ("C", "Only start and end are known; the energy was spread evenly between them."),
}
_ONE_INTERVAL = ("A", "The whole charge lies inside one interval; nothing had to be spread.")
_GENERATION = {
    MEASURED: ("A", "Generation was measured by a meter."),
    CALCULATED: ("C", "Generation was calculated from mean power, not read from a meter."),
    ESTIMATED: ("D", "Generation was estimated."),
}
_NOTHING = ("A", "No generation was matched, so none had to be shown.")
_SUMMARY = {
    "A": "Signed and measured throughout.",
    "B": "Well supported; some parts rest on the operator's word.",
    "C": "Rests in part on statements and calculation.",
    "D": "Weak evidence: read it as an illustration.",
}
DEMO_SUMMARY = "Demo data: read it as an illustration."


@dataclass(frozen=True, slots=True)
class Evidence:
    """The grade A to D, and each element in words."""

    grade: str
    summary: str
    energy: str
    timing: str
    generation: str


def grade(
    energy: str, timing: str, qualities: Iterable[str], *, intervals: int, demo: bool = False
) -> Evidence:
    """The evidence of one charge; `qualities` are those of its matched lots.

    A demo charge is grade D whatever its parts say.
    """
    energy_part = _ENERGY[energy]
    timing_part = _ONE_INTERVAL if intervals == 1 else _TIMING[timing]
    generation = max((_GENERATION[quality] for quality in qualities), default=_NOTHING)
    worst = max(part[0] for part in (energy_part, timing_part, generation))
    letter = "D" if demo else worst
    return Evidence(
        grade=letter,
        summary=DEMO_SUMMARY if demo else _SUMMARY[letter],
        energy=energy_part[1],
        timing=timing_part[1],
        generation=generation[1],
    )
