"""One charge: Session against CDR against signed meter against tariff."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import combinations

from charging.domain.reconciling.facts import DEFAULT, Metered, Rated, Statement, Tolerances
from charging.domain.reconciling.findings import Code, Figure, Finding

SESSION, CDR, METER, PERIODS = "session", "CDR", "signed meter", "charging periods"
WH_PER_KWH, SECONDS_PER_HOUR, PPM = 1000, 3600, 1_000_000


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything known of one charge; each part may be missing. Power in W, of the connector."""

    session: Statement | None = None
    cdr: Statement | None = None
    meter: Metered | None = None
    rated: Rated | None = None
    max_power_w: int | None = None


def reconcile(evidence: Evidence, tolerances: Tolerances = DEFAULT) -> list[Finding]:
    """Every contradiction within one charge; none when all that is said agrees."""
    return [
        *_energy_findings(evidence, tolerances),
        *_time_findings(evidence, tolerances),
        *_cost_findings(evidence, tolerances),
        *_power_findings(evidence, tolerances),
    ]


def _energy_findings(evidence: Evidence, tolerances: Tolerances) -> Iterator[Finding]:
    """Every pair once; a factor of a thousand is a unit mixed up, not an amount."""
    amounts = list(_amounts(evidence))
    for (one, first), (other, second) in combinations(amounts, 2):
        figures: dict[str, Figure] = {
            "between": f"{one}, {other}",
            "first_wh": first,
            "second_wh": second,
        }
        if _is_close(first, second, tolerances):
            continue
        if _is_another_unit(first, second, tolerances):
            yield Finding(
                Code.UNIT,
                f"The {one} says {first:,} Wh and the {other} {second:,} Wh: a thousand times "
                "as much, so one of them has Wh and kWh mixed up.",
                figures,
            )
        else:
            yield Finding(
                Code.ENERGY,
                f"The {one} says {first:,} Wh and the {other} {second:,} Wh, "
                f"{abs(first - second):,} Wh apart.",
                figures | {"difference_wh": abs(first - second)},
            )


def _is_another_unit(first: int, second: int, tolerances: Tolerances) -> bool:
    """Whether one is a thousand times the other: to the last whole unit of the smaller, or
    to what counts as equal.
    """
    low, high = sorted((abs(first), abs(second)))
    allowed = max(WH_PER_KWH, high * tolerances.energy_ppm // PPM)
    return abs(low * WH_PER_KWH - high) <= min(allowed, low * WH_PER_KWH // 2)


def _amounts(evidence: Evidence) -> Iterator[tuple[str, int]]:
    for name, statement in ((SESSION, evidence.session), (CDR, evidence.cdr)):
        if statement and statement.energy_wh is not None:
            yield name, statement.energy_wh
        if statement and statement.periods_energy_wh is not None:
            yield f"{name}'s {PERIODS}", statement.periods_energy_wh
    if evidence.meter and evidence.meter.energy_wh is not None:
        yield METER, evidence.meter.energy_wh


def _is_close(first: int, second: int, tolerances: Tolerances) -> bool:
    largest = max(abs(first), abs(second))
    allowed = max(tolerances.energy_wh, largest * tolerances.energy_ppm // PPM)
    return abs(first - second) <= allowed


def _time_findings(evidence: Evidence, tolerances: Tolerances) -> Iterator[Finding]:
    sources = [(SESSION, evidence.session), (CDR, evidence.cdr), (METER, evidence.meter)]
    for (one, first), (other, second) in combinations(sources, 2):
        if not first or not second:
            continue
        for edge in ("started_at", "ended_at"):
            said, against = getattr(first, edge), getattr(second, edge)
            if said and against and abs(_seconds(said, against)) > tolerances.seconds:
                yield _apart(one, other, edge, said, against)
    for name, statement in ((SESSION, evidence.session), (CDR, evidence.cdr)):
        if statement:
            yield from _own_time_findings(name, statement, tolerances)


def _apart(one: str, other: str, edge: str, said: datetime, against: datetime) -> Finding:
    verb = "starts" if edge == "started_at" else "ends"
    apart = abs(_seconds(said, against))
    return Finding(
        Code.TIME,
        f"The {one} {verb} at {said.isoformat()} and the {other} at {against.isoformat()}, "
        f"{apart:,} seconds apart.",
        {
            "between": f"{one}, {other}",
            "edge": edge,
            "first": said.isoformat(),
            "second": against.isoformat(),
            "difference_s": apart,
        },
    )


def _own_time_findings(
    name: str, statement: Statement, tolerances: Tolerances
) -> Iterator[Finding]:
    if statement.ended_at is None:
        return
    lasted = _seconds(statement.ended_at, statement.started_at)
    figures: dict[str, Figure] = {"source": name, "lasted_s": lasted}
    if lasted < 0:
        yield Finding(Code.TIME, f"The {name} ends {-lasted:,} seconds before it starts.", figures)
    elif (
        statement.total_seconds is not None
        and abs(statement.total_seconds - lasted) > tolerances.seconds
    ):
        yield Finding(
            Code.TIME,
            f"The {name} states {statement.total_seconds:,} seconds, but from its start to its "
            f"end there are {lasted:,}.",
            figures | {"stated_s": statement.total_seconds},
        )


def _cost_findings(evidence: Evidence, tolerances: Tolerances) -> Iterator[Finding]:
    cdr, rated, session = evidence.cdr, evidence.rated, evidence.session
    if cdr and rated:
        own = Rated(cdr.currency, cdr.cost_excl, cdr.cost_incl)
        yield from _two_costs("CDR", own, "tariff", rated, tolerances)
    if cdr and session and session.currency:
        own = Rated(cdr.currency, cdr.cost_excl, cdr.cost_incl)
        said = Rated(session.currency, session.cost_excl, session.cost_incl)
        yield from _two_costs("CDR", own, "session", said, tolerances)


def _two_costs(
    one: str, first: Rated, other: str, second: Rated, tolerances: Tolerances
) -> Iterator[Finding]:
    if first.currency.upper() != second.currency.upper():
        yield Finding(
            Code.COST,
            f"The {one} is in {first.currency} and the {other} in {second.currency}.",
            {"between": f"{one}, {other}", "first": first.currency, "second": second.currency},
        )
        return
    for side, words in (("cost_excl", "without taxes"), ("cost_incl", "with taxes")):
        said: Decimal | None = getattr(first, side)
        against: Decimal | None = getattr(second, side)
        if said is None or against is None or abs(said - against) <= tolerances.money:
            continue
        yield Finding(
            Code.COST,
            f"The {one} says {said:f} {first.currency} {words} and the {other} {against:f}, "
            f"{abs(said - against):f} apart.",
            {
                "between": f"{one}, {other}",
                "side": side,
                "first": f"{said:f}",
                "second": f"{against:f}",
                "difference": f"{abs(said - against):f}",
                "currency": first.currency,
            },
        )


def _power_findings(evidence: Evidence, tolerances: Tolerances) -> Iterator[Finding]:
    """More energy than the connector gives in the time, by the charge's own times."""
    if not evidence.max_power_w:
        return
    for name, statement in ((SESSION, evidence.session), (CDR, evidence.cdr)):
        if not statement or not statement.ended_at or statement.energy_wh is None:
            continue
        seconds = _seconds(statement.ended_at, statement.started_at)
        if seconds < 0 or statement.energy_wh <= 0:
            continue
        most = evidence.max_power_w * seconds // SECONDS_PER_HOUR
        allowed = most + most * tolerances.power_ppm // PPM + tolerances.energy_wh
        if statement.energy_wh > allowed:
            yield Finding(
                Code.OVER_POWER,
                f"The {name} has {statement.energy_wh:,} Wh in {seconds:,} seconds; a connector "
                f"of {evidence.max_power_w:,} W gives {most:,} Wh at most.",
                {
                    "source": name,
                    "energy_wh": statement.energy_wh,
                    "seconds": seconds,
                    "max_power_w": evidence.max_power_w,
                    "most_wh": most,
                },
            )


def _seconds(one: datetime, other: datetime) -> int:
    return round((one - other).total_seconds())
