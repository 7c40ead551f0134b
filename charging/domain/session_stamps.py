"""The start or end of a row: every instant that it can mean."""

from collections.abc import Mapping
from dataclasses import dataclass

from charging.domain.local_time import instants, read_wall, skipped, to_seconds, zone_of
from charging.domain.profiles import Profile
from charging.domain.session_verdicts import Problem, Reason


@dataclass(frozen=True, slots=True)
class Stamp:
    """A start or end: its field and text, its meanings in seconds since 1970 (UTC).

    `skipped` is the instant of a time that the clock left out, had it not been put forward;
    `dates` is how many dates its text can be, with day and month either way round.
    """

    field: str
    text: str
    meanings: tuple[int, ...] = ()
    problem: Problem | None = None
    skipped: int | None = None
    dates: int = 1


def read_stamp(
    row: Mapping[str, str], date: str, time: str, profile: Profile, missing: Reason
) -> Stamp:
    """The stamp in these columns; without a meaning it has a problem."""
    text = row.get(date, "")
    clock = row.get(time, "") if time else ""
    shown = f"{text} {clock}".strip()
    if not text or (time and not clock):
        return Stamp(date, shown, problem=Problem(date, shown, missing))
    try:
        walls = read_wall(text, clock, profile.stamps)
    except ValueError as error:
        reason = f"{error}".capitalize() + "."
        return Stamp(date, shown, problem=Problem(date, shown, reason))
    meanings: list[int] = []
    left_out = None
    for wall in walls:
        if wall.tzinfo is not None:
            meanings.append(to_seconds(wall))
        elif not profile.timezone:
            return Stamp(date, shown, problem=Problem(date, shown, Reason.NO_OFFSET))
        else:
            zone = zone_of(profile.timezone)
            found = instants(wall, zone)
            meanings += found
            left_out = left_out if found else skipped(wall, zone)
    if not meanings:
        problem = Problem(date, shown, Reason.NO_SUCH_TIME)
        return Stamp(date, shown, problem=problem, skipped=left_out)
    dates = len({wall.date() for wall in walls})
    return Stamp(date, shown, tuple(dict.fromkeys(meanings)), dates=dates)
