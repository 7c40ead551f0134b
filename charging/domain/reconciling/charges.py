"""Many charges against one another: the same one twice, and two at once on one connector."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta

from charging.domain.reconciling.facts import DEFAULT, Place, Statement, Tolerances
from charging.domain.reconciling.findings import Code, Finding


def compare(statements: Iterable[Statement], tolerances: Tolerances = DEFAULT) -> list[Finding]:
    """Duplicates and overlaps, each pair once; the order of what comes in does not matter.

    Half-open: a charge that starts when another ends overlaps nothing. A charge without an
    end is compared as a duplicate alone. Charges are sorted once, and each is held against
    those that still run, so that n charges without contradictions take n log n steps.
    """
    findings: list[Finding] = []
    by_place: dict[Place, list[Statement]] = defaultdict(list)
    for statement in statements:
        by_place[statement.place].append(statement)
    for place in sorted(by_place, key=lambda place: (place.evse, place.connector)):
        found = sorted(by_place[place], key=lambda each: (each.started_at, each.uid))
        findings.extend(_at_one_place(found, tolerances))
    return findings


def _at_one_place(statements: list[Statement], tolerances: Tolerances) -> Iterator[Finding]:
    drift = timedelta(seconds=tolerances.seconds)
    running: list[Statement] = []
    for statement in statements:
        start = statement.started_at
        running = [
            each
            for each in running
            if start - each.started_at <= drift or (each.ended_at and each.ended_at > start)
        ]
        for each in running:
            yield from _pair(each, statement, tolerances)
        running.append(statement)


def _pair(first: Statement, second: Statement, tolerances: Tolerances) -> Iterator[Finding]:
    figures = {
        "first": first.uid,
        "second": second.uid,
        "evse": first.place.evse,
        "connector": first.place.connector,
    }
    if _is_same(first, second, tolerances):
        yield Finding(
            Code.DUPLICATE,
            f"Charges {first.uid} and {second.uid} at {first.place.evse} have the same start, "
            "end and energy; one of them is the other again.",
            figures,
        )
    elif shared := _shared_seconds(first, second):
        yield Finding(
            Code.OVERLAP,
            f"Charges {first.uid} and {second.uid} run at the same connector of "
            f"{first.place.evse} at once, for {shared:,} seconds.",
            figures | {"shared_s": shared},
        )


def _is_same(first: Statement, second: Statement, tolerances: Tolerances) -> bool:
    """The same times and energy, and no two different cards."""
    if first.token and second.token and first.token.upper() != second.token.upper():
        return False
    if first.energy_wh is None or first.energy_wh != second.energy_wh:
        return False
    drift = timedelta(seconds=tolerances.seconds)
    if abs(first.started_at - second.started_at) > drift:
        return False
    if first.ended_at is None or second.ended_at is None:
        return first.ended_at is second.ended_at
    return abs(first.ended_at - second.ended_at) <= drift


def _shared_seconds(first: Statement, second: Statement) -> int:
    if first.ended_at is None or second.ended_at is None:
        return 0
    start = max(first.started_at, second.started_at)
    end = min(first.ended_at, second.ended_at)
    return max(0, int((end - start).total_seconds()))
