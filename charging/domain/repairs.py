"""How a doubtful row could be meant: repairs that a person may approve, never made alone.

A repair is proposed only where it removes everything that stands against the row. Instants
are seconds since 1970 (UTC), energy whole Wh.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product

from charging.domain.profiles import KWH, Profile
from charging.domain.session_stamps import Stamp
from charging.domain.session_verdicts import (
    DAY_SECONDS,
    LONGEST_STAY,
    Charge,
    Problem,
    Proposal,
    Reason,
)

DURATION, SWAP, UNIT, LONG = "duration", "swap", "unit", "long"
MEANING, SKIPPED = "meaning", "skipped"
REGISTER, OWN, CORRECT, AREA = "register", "own", "correct", "area"
METERED, STATED = "metered", "stated"
WORDS = {
    DURATION: "Take the end from the stated duration: {end}.",
    SWAP: "Start and end are swapped: from {start} to {end}.",
    UNIT: "The energy is in Wh: {energy} Wh.",
    LONG: "The car stayed plugged in from {start} to {end}; count it as it is.",
    MEANING: "It means {start} to {end}.",
    SKIPPED: "The clock was not put forward: from {start} to {end}.",
    REGISTER: "The number is the meter's register; since the charge before it rose by {energy} Wh.",
    OWN: "It is a charge of its own, from {start} to {end}.",
    CORRECT: "Correct the charge to {start} to {end}, {energy} Wh.",
    METERED: "Take what the meter signed: {energy} Wh.",
    STATED: "Take what the row says, on your word: {energy} Wh.",
    AREA: "Count it in the bidding area that is chosen.",
}
CLOCK = frozenset({Reason.TWO_MEANINGS, Reason.TWO_DATES, Reason.NO_SUCH_TIME})
_ENDS = frozenset({Reason.NO_END, Reason.NOT_FORWARD, Reason.OTHER_DURATION, Reason.OVER_A_DAY})
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Doubtful:
    """What a row says that cannot stand as it is; `believed` are spans that could."""

    start: Stamp
    end: Stamp
    energy_wh: int
    stated_s: int | None
    believed: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A repair: its kind, and what the charge is then."""

    kind: str
    span: Span
    energy_wh: int


def ways(row: Doubtful, profile: Profile, problems: Sequence[Problem]) -> tuple[Way, ...]:
    """Every repair that leaves nothing against the row, most likely first; none twice."""
    reasons = {each.reason for each in problems}
    found: dict[tuple[Span, int], Way] = {}
    for way in _ways(row, profile, reasons):
        seconds = way.span[1] - way.span[0]
        longest = LONGEST_STAY if profile.long_stays else DAY_SECONDS
        if 0 < seconds <= longest and 0 < way.energy_wh <= most_wh(seconds, profile):
            found.setdefault((way.span, way.energy_wh), way)
    return tuple(found.values())


def proposal(way: Way, charge: Charge) -> Proposal:
    """The repair in words, for whoever decides."""
    return propose(way.kind, charge)


def propose(kind: str, charge: Charge) -> Proposal:
    """A proposal of this kind that makes a row this charge."""
    words = WORDS[kind].format(
        start=_shown(charge.started), end=_shown(charge.ended), energy=f"{charge.energy_wh:,}"
    )
    return Proposal(kind, words, charge)


def most_wh(seconds: int, profile: Profile) -> int:
    """The most that a charger of this file gives in a time, in whole Wh."""
    return profile.max_power_w * seconds // 3600 + profile.tolerance_wh


def _ways(row: Doubtful, profile: Profile, reasons: set[str]) -> Iterator[Way]:
    yield from _clock_ways(row, reasons)
    both = list(product(row.start.meanings, row.end.meanings))
    if reasons == {Reason.OVER_A_DAY} and profile.long_stays:
        yield from (Way(LONG, span, row.energy_wh) for span in both)
    yield from _end_ways(row, profile, reasons)
    # Whoever counts in Wh counts whole ones; 138.25 are no Wh.
    is_whole = row.energy_wh % 1000 == 0 and profile.energy_unit == KWH
    if reasons == {Reason.OVER_POWER} and is_whole:
        yield from (Way(UNIT, span, row.energy_wh // 1000) for span in both)


def _clock_ways(row: Doubtful, reasons: set[str]) -> Iterator[Way]:
    if reasons in ({Reason.TWO_MEANINGS}, {Reason.TWO_DATES}):
        yield from (Way(MEANING, span, row.energy_wh) for span in row.believed)
    if reasons == {Reason.NO_SUCH_TIME}:
        starts = row.start.meanings or _known(row.start.skipped)
        ends = row.end.meanings or _known(row.end.skipped)
        yield from (Way(SKIPPED, span, row.energy_wh) for span in product(starts, ends))


def _end_ways(row: Doubtful, profile: Profile, reasons: set[str]) -> Iterator[Way]:
    if not row.stated_s or not reasons <= _ENDS:
        return
    if reasons == {Reason.NOT_FORWARD}:
        for started, ended in product(row.start.meanings, row.end.meanings):
            if abs(started - ended - row.stated_s) <= profile.duration_tolerance_s:
                yield Way(SWAP, (ended, started), row.energy_wh)
    for started in row.start.meanings:
        yield Way(DURATION, (started, started + row.stated_s), row.energy_wh)


def _known(instant: int | None) -> tuple[int, ...]:
    return () if instant is None else (instant,)


def _shown(instant: int) -> str:
    return f"{datetime.fromtimestamp(instant, UTC):%Y-%m-%d %H:%M} UTC"
