"""Whether another registry's certificates fit the plant that they are brought in for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from certificates.domain.external.line import ExternalLine
from certificates.domain.external.moments import instant_of
from certificates.domain.external.serials import SerialRange, meetings
from certificates.domain.external.sources import Meaning, check_plant
from certificates.domain.meter_lines import LineProblem
from certificates.domain.meter_values import Unreadable

START, SERIALS = "production_starting_interval", "certificate_bundle_id_range_start"
TOLERANCE_PERCENT = 10  # a plant may run a little above its capacity
MINUTES_IN_HOUR = 60


@dataclass(frozen=True, slots=True)
class PlantFacts:
    """What the registry knows of the plant; instants in minutes since 1970-01-01T00:00Z."""

    technology_code: str
    energy_source_code: str
    capacity_w: int
    in_service_from: int
    in_service_until: int | None = None


def judge(
    lines: Sequence[ExternalLine],
    *,
    plant: PlantFacts,
    now: int,
    known: Iterable[SerialRange] = (),
    own_codes: Iterable[str] = (),
) -> list[LineProblem]:
    """Every line that cannot become a certificate, in the order of the file.

    `known` are serials that were brought in before; `own_codes` numbers of this registry's own
    certificates, which never come back as another's.
    """
    own = frozenset(own_codes)
    problems = [each for line in lines for each in _of_line(line, plant, now, own)]
    problems += _serials(lines, known)
    return sorted(problems, key=lambda problem: problem.line)


def meanings(lines: Iterable[ExternalLine], plant: PlantFacts) -> dict[str, Meaning]:
    """What each word for an energy source was taken for, where it fits the plant."""
    found = {}
    for word in dict.fromkeys(line.energy_source for line in lines):
        try:
            found[word] = check_plant(word, plant.technology_code, plant.energy_source_code)
        except Unreadable:
            continue
    return found


def too_full(lines: Iterable[ExternalLine], capacity_w: int) -> list[int]:
    """Starts of intervals of which the lines hold more than the plant can make, tolerance added.

    What storage or conversion gave back was made in another hour and does not count.
    """
    sums: dict[tuple[int, int], int] = {}
    for line in lines:
        if line.is_stored or line.is_converted:
            continue
        sums[line.start, line.length] = sums.get((line.start, line.length), 0) + line.amount_wh
    able = capacity_w * (100 + TOLERANCE_PERCENT)
    return sorted(
        start for (start, length), wh in sums.items() if wh * 100 * MINUTES_IN_HOUR > able * length
    )


def _of_line(
    line: ExternalLine, plant: PlantFacts, now: int, own: frozenset[str]
) -> Iterator[LineProblem]:
    def problem(name: str, value: str, reason: str) -> LineProblem:
        return LineProblem(line.line, name, value, reason)

    try:
        check_plant(line.energy_source, plant.technology_code, plant.energy_source_code)
    except Unreadable as error:
        yield problem("energy_source", line.energy_source, str(error))
    start = f"{instant_of(line.start):%Y-%m-%dT%H:%MZ}"
    if line.end > now:
        yield problem(START, start, "is not over yet")
    if line.start < plant.in_service_from:
        yield problem(START, start, "lies before the plant went into service")
    if plant.in_service_until is not None and line.end > plant.in_service_until:
        yield problem(START, start, "lies after the plant's registration ended")
    if line.expires is not None and line.expires <= now:
        expiry = f"{instant_of(line.expires):%Y-%m-%dT%H:%MZ}"
        yield problem("expiry_datestamp", expiry, "is past: these certificates have expired")
    if line.issuance_id.lower() in own:
        reason = "is a certificate of this registry; it cannot come in as another's"
        yield problem("issuance_id", line.issuance_id, reason)


def _serials(lines: Sequence[ExternalLine], known: Iterable[SerialRange]) -> Iterator[LineProblem]:
    new = [SerialRange(line.first_serial, line.last_serial, f"line {line.line}") for line in lines]
    by_place = {f"line {line.line}": line.line for line in lines}
    for one, other in meetings(new, known):
        reason = f"shares serials with {other.place} ({other.first} to {other.last})"
        value = f"{one.first} to {one.last}"
        yield LineProblem(by_place[one.place], SERIALS, value, reason)
