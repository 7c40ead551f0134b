"""One row of a file of sessions: what it says, and every reason against believing it.

Rows are accepted, held (a person must decide), rejected, or outside the period asked for.
None is dropped silently: rows = accepted + held + rejected + duplicates + skipped.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from enum import StrEnum
from itertools import product

from charging.domain.local_time import (
    instants,
    read_day_month_year,
    read_iso,
    to_seconds,
    zone_of,
)
from charging.domain.profiles import DAY_MONTH_YEAR, Profile

DAY_SECONDS = 24 * 3600
MAX_CHARGER, MAX_SITE, MAX_UID = 36, 200, 100  # characters
MAX_ENERGY_WH = 10**9  # a thousand MWh in one charge is a unit mixed up


class Verdict(StrEnum):
    """What becomes of a row."""

    ACCEPTED = "accepted"
    HELD = "held"
    REJECTED = "rejected"
    SKIPPED = "skipped"


class Reason(StrEnum):
    """Why a row is not taken, in the words that the report shows."""

    NO_START = "The start is missing."
    NO_END = "The end is missing."
    NO_CHARGER = "The charger is missing."
    NO_ENERGY = "The energy is missing or not a number."
    NOT_POSITIVE = "The energy is zero or less."
    NOT_FORWARD = "The end is not after the start."
    OVER_A_DAY = "The charge lasts longer than 24 hours."
    OVER_POWER = "More energy than the charger can give in this time."
    TWO_MEANINGS = "The clock repeats this hour; the row does not say which one it means."
    NO_SUCH_TIME = "The clock skips this hour; no such local time exists."
    OTHER_DURATION = "The stated duration is not the time between start and end."
    NO_OFFSET = "The stamp has no offset from UTC."
    AREA_UNKNOWN = "The bidding area of this site is unknown."
    NOT_OVER = "The charge is not over yet; send it when it is."
    TOO_LONG = "The text is longer than any such name."
    BY_OCPI = "A charge at this charge point and start came by OCPI already."
    CORRECTION = "A session with this identity is known with other content."


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field of a row."""

    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Charge:
    """A believed row. Instants are seconds since 1970 (UTC), [started, ended), whole Wh."""

    uid: str
    charger: str
    connector: str
    site: str
    model: str
    started: int
    ended: int
    energy_wh: int
    raw_energy: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a row came to."""

    verdict: Verdict
    charge: Charge | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """[starts, ends) in seconds since 1970; `None` leaves an end open."""

    starts: int | None = None
    ends: int | None = None

    def holds(self, instant: int) -> bool:
        """Whether the instant lies in the period."""
        return (self.starts is None or instant >= self.starts) and (
            self.ends is None or instant < self.ends
        )


@dataclass(frozen=True, slots=True)
class _Stamp:
    field: str
    text: str
    meanings: tuple[int, ...]
    problem: Problem | None
    skipped_by_clock: bool = False


def judge(row: Mapping[str, str], profile: Profile, period: Period) -> Outcome:
    """Read one row and weigh it. Rows are selected by their start alone."""
    start = _stamp(row, profile.start_date, profile.start_time, profile, Reason.NO_START)
    if start.meanings and not any(period.holds(instant) for instant in start.meanings):
        return Outcome(Verdict.SKIPPED)
    end = _stamp(row, profile.end_date, profile.end_time, profile, Reason.NO_END)
    energy_wh, against = _energy(row.get(profile.energy_kwh, ""), profile.energy_kwh)
    against.extend(_naming_problems(row, profile))
    against.extend(stamp.problem for stamp in (start, end) if stamp.problem)
    readings, timing = _believable(start, end, energy_wh, row, profile)
    if against or (timing and not readings):
        lost = (start.skipped_by_clock or end.skipped_by_clock) and len(against) == 1
        return Outcome(Verdict.HELD if lost else Verdict.REJECTED, None, (*against, *timing))
    if len(readings) > 1:
        stamp = start if len(start.meanings) > 1 else end
        two = Problem(stamp.field, stamp.text, Reason.TWO_MEANINGS)
        return Outcome(Verdict.HELD, None, (two,))
    started, ended = readings[0]
    if not period.holds(started):
        return Outcome(Verdict.SKIPPED)
    return Outcome(Verdict.ACCEPTED, _charge(row, profile, started, ended, energy_wh))


def _naming_problems(row: Mapping[str, str], profile: Profile) -> list[Problem]:
    problems = []
    if not row.get(profile.charger, ""):
        problems.append(Problem(profile.charger, "", Reason.NO_CHARGER))
    limits = (
        (profile.charger, MAX_CHARGER),
        (profile.connector, MAX_CHARGER),
        (profile.site, MAX_SITE),
        (profile.session_id, MAX_UID),
    )
    for field, limit in limits:
        text = row.get(field, "") if field else ""
        if len(text) > limit:
            problems.append(Problem(field, text[:MAX_SITE], Reason.TOO_LONG))
    return problems


def charge_uid(charger: str, connector: str, started: datetime) -> str:
    """The identity of a charge in a file without session ids: charger, connector, start."""
    return f"{charger}-{connector}-{started:%Y%m%dT%H%MZ}".upper()


def _charge(
    row: Mapping[str, str], profile: Profile, started: int, ended: int, energy_wh: int
) -> Charge:
    charger, connector = row[profile.charger], row.get(profile.connector, "")
    uid = row.get(profile.session_id, "").upper() if profile.session_id else ""
    return Charge(
        uid=uid or charge_uid(charger, connector, datetime.fromtimestamp(started, UTC)),
        charger=charger,
        connector=connector,
        site=row.get(profile.site, ""),
        model=row.get(profile.model, "") if profile.model else "",
        started=started,
        ended=ended,
        energy_wh=energy_wh,
        raw_energy=row[profile.energy_kwh],
    )


def _believable(
    start: _Stamp, end: _Stamp, energy_wh: int, row: Mapping[str, str], profile: Profile
) -> tuple[list[tuple[int, int]], list[Problem]]:
    """The pairs of instants that the rules allow; and what is wrong when none is allowed."""
    allowed: list[tuple[int, int]] = []
    problems: list[Problem] = []
    stated = row.get(profile.duration_minutes, "") if profile.duration_minutes else ""
    for started, ended in product(start.meanings, end.meanings):
        found = _timing_problems(end, ended - started, energy_wh, row, profile)
        if found:
            problems = problems or found
        elif not stated.isdigit() or (ended - started) // 60 == int(stated):
            allowed.append((started, ended))
    if not allowed and not problems and start.meanings and end.meanings:
        problems = [Problem(profile.duration_minutes, stated, Reason.OTHER_DURATION)]
    return allowed, [] if allowed else problems


def _timing_problems(
    end: _Stamp, seconds: int, energy_wh: int, row: Mapping[str, str], profile: Profile
) -> list[Problem]:
    problems = []
    if seconds <= 0:
        problems.append(Problem(end.field, end.text, Reason.NOT_FORWARD))
    if seconds > DAY_SECONDS:
        problems.append(Problem(end.field, end.text, Reason.OVER_A_DAY))
    ceiling = profile.max_power_w * seconds + profile.tolerance_wh * 3600
    if seconds > 0 and energy_wh * 3600 > ceiling:
        text = row.get(profile.energy_kwh, "")
        problems.append(Problem(profile.energy_kwh, text, Reason.OVER_POWER))
    return problems


def _energy(text: str, field: str) -> tuple[int, list[Problem]]:
    """Whole Wh, rounded up so that coverage is never overstated."""
    try:
        kwh = Decimal(text)
        if not kwh.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        return 0, [Problem(field, text, Reason.NO_ENERGY)]
    if kwh <= 0:
        return 0, [Problem(field, text, Reason.NOT_POSITIVE)]
    if kwh * 1000 > MAX_ENERGY_WH:
        return 0, [Problem(field, text, Reason.OVER_POWER)]
    return int((kwh * 1000).to_integral_value(ROUND_CEILING)), []


def _stamp(
    row: Mapping[str, str], date: str, time: str, profile: Profile, missing: Reason
) -> _Stamp:
    text = row.get(date, "")
    clock = row.get(time, "") if time else ""
    shown = f"{text} {clock}".strip()
    if not text or (time and not clock):
        return _Stamp(date, shown, (), Problem(date, shown, missing))
    try:
        wall = (
            read_day_month_year(text, clock) if profile.stamps == DAY_MONTH_YEAR else read_iso(text)
        )
    except ValueError as error:
        return _Stamp(date, shown, (), Problem(date, shown, f"{error}".capitalize() + "."))
    if wall.tzinfo is not None:
        return _Stamp(date, shown, (to_seconds(wall),), None)
    if not profile.timezone:
        return _Stamp(date, shown, (), Problem(date, shown, Reason.NO_OFFSET))
    meanings = instants(wall, zone_of(profile.timezone))
    if not meanings:
        problem = Problem(date, shown, Reason.NO_SUCH_TIME)
        return _Stamp(date, shown, (), problem, skipped_by_clock=True)
    return _Stamp(date, shown, meanings, None)
