"""One row of a file of sessions: what it says, and every reason against believing it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal
from itertools import product

from charging.domain import repairs
from charging.domain.profiles import WH, Profile
from charging.domain.session_stamps import Stamp, read_stamp
from charging.domain.session_verdicts import (
    DAY_SECONDS,
    LONGEST_STAY,
    MAX_CHARGER,
    MAX_ENERGY_WH,
    MAX_SITE,
    MAX_UID,
    Charge,
    Outcome,
    Period,
    Problem,
    Reason,
    Verdict,
)
from charging.domain.signed_charge import last_place_wh

__all__ = [
    "DAY_SECONDS",
    "LONGEST_STAY",
    "MAX_ENERGY_WH",
    "Charge",
    "Outcome",
    "Period",
    "Problem",
    "Reason",
    "Verdict",
    "charge_uid",
    "judge",
    "uid_of_place",
]
# Spreadsheets write large and small numbers with an exponent; one of four digits is a mistake
# that no arithmetic should have to carry.
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
Row = Mapping[str, str]
Span = tuple[int, int]


def judge(row: Row, profile: Profile, period: Period) -> Outcome:
    """Read one row and weigh it. Rows are selected by their start alone.

    A row that something stands against is held where a repair would make it believable. What
    names its driver is a mark by now (charging/services/sessions/row_drivers.py).
    """
    if profile.missing:
        row = {name: "" if text in profile.missing else text for name, text in row.items()}
    start = read_stamp(row, profile.start_date, profile.start_time, profile, Reason.NO_START)
    if start.meanings and not any(period.holds(instant) for instant in start.meanings):
        return Outcome(Verdict.SKIPPED)
    end = read_stamp(row, profile.end_date, profile.end_time, profile, Reason.NO_END)
    energy_wh, against = _energy(row.get(profile.energy, ""), profile)
    naming = _naming_problems(row, profile)
    against += naming + [stamp.problem for stamp in (start, end) if stamp.problem]
    believed, timing = _believable(start, end, energy_wh, row, profile)
    if len(believed) == 1 and not against:
        started, ended = believed[0]
        if not period.holds(started):
            return Outcome(Verdict.SKIPPED)
        return Outcome(Verdict.ACCEPTED, _charge(row, profile, (started, ended), energy_wh))
    problems = (*against, *timing)
    if len(believed) > 1 and not against:
        problems = (_two_meanings(start if len(start.meanings) > 1 else end),)
    ways = () if naming else repairs.ways(
        repairs.Doubtful(start, end, energy_wh, _stated_seconds(row, profile), tuple(believed)),
        profile,
        problems,
    )  # fmt: skip
    proposals = tuple(
        repairs.proposal(way, _charge(row, profile, way.span, way.energy_wh))
        for way in ways
        if period.holds(way.span[0])
    )
    is_clock = {each.reason for each in problems} <= repairs.CLOCK
    verdict = Verdict.HELD if proposals or is_clock else Verdict.REJECTED
    doubted = None
    if {each.reason for each in problems} == {Reason.OVER_POWER} and energy_wh:
        doubted = _charge(row, profile, (start.meanings[0], end.meanings[0]), energy_wh)
    return Outcome(verdict, None, problems, proposals, doubted)


def _two_meanings(stamp: Stamp) -> Problem:
    reason = Reason.TWO_DATES if stamp.dates > 1 else Reason.TWO_MEANINGS
    return Problem(stamp.field, stamp.text, reason)


def _naming_problems(row: Row, profile: Profile) -> list[Problem]:
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


def uid_of_place(charge: Charge) -> str:
    """The same for a charge that was read already."""
    return charge_uid(charge.charger, charge.connector, datetime.fromtimestamp(charge.started, UTC))


def _charge(row: Row, profile: Profile, span: Span, energy_wh: int) -> Charge:
    charger = row[profile.charger]
    connector = row.get(profile.connector, "") if profile.connector else ""
    uid = row.get(profile.session_id, "").upper() if profile.session_id else ""
    return Charge(
        uid=uid or charge_uid(charger, connector, datetime.fromtimestamp(span[0], UTC)),
        charger=charger,
        connector=connector,
        site=(row.get(profile.site, "") if profile.site else "") or profile.site_name,
        model=row.get(profile.model, "") if profile.model else "",
        started=span[0],
        ended=span[1],
        energy_wh=energy_wh,
        raw_energy=row[profile.energy],
        last_place_wh=last_place_wh(row[profile.energy], 1 if profile.energy_unit == WH else 1000),
        signed=tuple(
            row[column] for column in (profile.signed, profile.signed_end) if row.get(column)
        ),
        token=row.get(profile.token, "") if profile.token else "",
        contract=row.get(profile.contract, "") if profile.contract else "",
    )


def _believable(
    start: Stamp, end: Stamp, energy_wh: int, row: Row, profile: Profile
) -> tuple[list[Span], list[Problem]]:
    """The pairs of instants that the rules allow; and what is wrong when none is allowed."""
    allowed: list[Span] = []
    problems: list[Problem] = []
    stated = _stated_seconds(row, profile)
    for started, ended in product(start.meanings, end.meanings):
        found = _timing_problems(end, ended - started, energy_wh, row, profile)
        if found:
            problems = problems or found
        elif stated is None or abs(ended - started - stated) <= profile.duration_tolerance_s:
            allowed.append((started, ended))
    if not allowed and not problems and start.meanings and end.meanings:
        field = profile.duration_minutes or profile.duration_hours
        problems = [Problem(field, row.get(field, ""), Reason.OTHER_DURATION)]
    return allowed, [] if allowed else problems


def _timing_problems(
    end: Stamp, seconds: int, energy_wh: int, row: Row, profile: Profile
) -> list[Problem]:
    problems = []
    if seconds <= 0:
        problems.append(Problem(end.field, end.text, Reason.NOT_FORWARD))
    if seconds > DAY_SECONDS:
        problems.append(Problem(end.field, end.text, Reason.OVER_A_DAY))
    if seconds > 0 and energy_wh > repairs.most_wh(seconds, profile):
        text = row.get(profile.energy, "")
        problems.append(Problem(profile.energy, text, Reason.OVER_POWER))
    return problems


def _stated_seconds(row: Row, profile: Profile) -> int | None:
    """How long the charge lasted by the file's own column, to the second; none without one."""
    for field, seconds in ((profile.duration_minutes, 60), (profile.duration_hours, 3600)):
        number = _number(row.get(field, ""), profile) if field else None
        if number is not None and 0 <= number * seconds <= LONGEST_STAY:
            return round(number * seconds)
    return None


def _number(text: str, profile: Profile) -> Decimal | None:
    """A number as this file writes it, without thousands marks."""
    if profile.decimal == ",":
        if "." in text:
            return None
        text = text.replace(",", ".")
    return Decimal(text) if NUMBER.fullmatch(text) else None


def _energy(text: str, profile: Profile) -> tuple[int, list[Problem]]:
    """Whole Wh, rounded up so that coverage is never overstated."""
    number = _number(text, profile)
    if number is None:
        return 0, [Problem(profile.energy, text, Reason.NO_ENERGY)]
    if number <= 0:
        return 0, [Problem(profile.energy, text, Reason.NOT_POSITIVE)]
    exact = number if profile.energy_unit == WH else number * 1000
    if exact > MAX_ENERGY_WH:
        return 0, [Problem(profile.energy, text, Reason.OVER_POWER)]
    return int(exact.to_integral_value(ROUND_CEILING)), []
