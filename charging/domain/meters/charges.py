"""From signed readings to the energy of a charge, and every rule that stands against it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal

from charging.domain.meters.findings import Finding, finding
from charging.domain.meters.obis import EXPORT, IMPORT, OTHER
from charging.domain.meters.records import BEGIN, END, Reading, SignedRecord

SYNCHRONISED = "S"


@dataclass(frozen=True, slots=True)
class Placed:
    """A reading with its place: record and reading, both counted from 1."""

    record: int
    number: int
    reading: Reading

    def finds(self, code: str, **figures: object) -> Finding:
        """A finding about this reading."""
        return finding(code, self.record, self.number, **figures)


@dataclass(frozen=True, slots=True)
class Charge:
    """What the signed readings say of one charge. Whole Wh, rounded up; exact as Decimal.

    Energy is none where a rule left it without a meaning; `export` is what went back.
    `readings` are all of the register that the energy taken was read from.
    """

    energy_wh: int | None
    exact_wh: Decimal | None
    export_wh: int | None
    started_at: datetime | None
    ended_at: datetime | None
    findings: tuple[Finding, ...]
    readings: tuple[Reading, ...] = ()


def group(records: Sequence[tuple[int, SignedRecord]]) -> list[list[tuple[int, SignedRecord]]]:
    """Which records make up one charge: a whole one stands alone, others go begin to end.

    Some meters state the begin again in every later record; that is the same charge.
    """
    charges: list[list[tuple[int, SignedRecord]]] = []
    is_open = False
    begun: set[Reading] = set()
    for place, record in records:
        energy = [each for each in record.readings if each.register.direction != OTHER]
        begins = {each for each in energy if each.kind == BEGIN}
        if is_open and begins <= begun:
            charges[-1].append((place, record))
        else:
            charges.append([(place, record)])
            begun = set()
        begun |= begins
        is_open = all(each.kind != END for each in energy)
    return charges


def weigh(records: Sequence[tuple[int, SignedRecord]]) -> Charge:
    """Judge the records of one charge: energy, times and findings."""
    placed = [
        Placed(place, number, reading)
        for place, record in records
        for number, reading in enumerate(record.readings, 1)
    ]
    placed = _once(placed)
    against = [finding(code, place) for place, record in records for code in record.faults]
    against += _pairing_findings(records)
    energy = [each for each in placed if each.reading.register.direction != OTHER]
    imported, exported = (_chosen(energy, way) for way in (IMPORT, EXPORT))
    if not imported and not exported:
        return Charge(None, None, None, None, None, (*against, finding("no_energy_register")))
    taken, exact, began, ended = _difference(imported) if imported else ([], None, None, None)
    given, given_exact, out_began, out_ended = (
        _difference(exported) if exported else ([], None, None, None)
    )
    begin, end = began or out_began, ended or out_ended
    findings = [*against, *taken, *given, *_clock_findings(energy)]
    return Charge(
        energy_wh=_whole(exact),
        exact_wh=exact,
        export_wh=_whole(given_exact),
        started_at=begin.reading.at if begin else None,
        ended_at=end.reading.at if end else None,
        findings=tuple(dict.fromkeys(findings)),
        readings=tuple(each.reading for each in imported),
    )


def _once(placed: list[Placed]) -> list[Placed]:
    """Without the begins that a later record states again."""
    first: dict[Reading, int] = {}
    for each in placed:
        if each.reading.kind == BEGIN:
            first.setdefault(each.reading, each.record)
    return [each for each in placed if first.get(each.reading, each.record) == each.record]


def _chosen(energy: list[Placed], direction: str) -> list[Placed]:
    """The readings to bill by: of the best register that has begin and end, or of the best.

    A begin on one register and an end on another come out together, to be refused by name.
    """
    candidates = [each for each in energy if each.reading.register.direction == direction]
    registers: dict[str, list[Placed]] = {}
    for each in candidates:
        registers.setdefault(each.reading.obis.strip().lower(), []).append(each)
    whole = [
        readings
        for readings in registers.values()
        if {BEGIN, END} <= {each.reading.kind for each in readings}
    ]
    if whole:
        return min(whole, key=lambda readings: readings[0].reading.register.rank)
    return candidates


def _difference(
    chosen: list[Placed],
) -> tuple[list[Finding], Decimal | None, Placed | None, Placed | None]:
    begins = [each for each in chosen if each.reading.kind == BEGIN]
    ends = [each for each in chosen if each.reading.kind == END]
    findings = [*_count_findings(begins, ends)]
    for each in (*begins, *ends):
        findings += _reading_findings(each)
    if len(begins) != 1 or len(ends) != 1:
        return findings, None, next(iter(begins), None), next(iter(ends), None)
    begin, end = begins[0], ends[0]
    between, exact = _between(begin, end)
    return [*findings, *between], exact, begin, end


def _count_findings(begins: list[Placed], ends: list[Placed]) -> Iterable[Finding]:
    if not begins:
        yield finding("no_begin")
    if not ends:
        yield finding("no_end")
    if len(begins) > 1:
        yield finding("several_begins", count=len(begins))
    if len(ends) > 1:
        yield finding("several_ends", count=len(ends))


def _reading_findings(each: Placed) -> Iterable[Finding]:
    reading = each.reading
    if reading.value is None:
        yield each.finds("no_value")
    elif reading.energy_wh is None:
        yield each.finds("no_unit", unit=reading.unit)
    if reading.at is None:
        yield each.finds("no_time")
    if reading.kind == BEGIN and reading.loss:
        yield each.finds("loss_at_begin", loss=reading.loss)
    for code in reading.faults:
        yield each.finds(code)


def _between(begin: Placed, end: Placed) -> tuple[list[Finding], Decimal | None]:
    first, last = begin.reading, end.reading
    findings = []
    if first.obis.strip().lower() != last.obis.strip().lower():
        findings.append(end.finds("other_register", begin=first.obis, end=last.obis))
    if first.unit.lower() != last.unit.lower():
        findings.append(end.finds("other_unit", begin=first.unit, end=last.unit))
    if first.events != last.events:
        findings.append(end.finds("events_between"))
    if first.at and last.at and last.at < first.at:
        findings.append(
            end.finds("time_falls", begin=first.at.isoformat(), end=last.at.isoformat())
        )
    if first.energy_wh is None or last.energy_wh is None:
        return findings, None
    exact = last.energy_wh - first.energy_wh
    if exact < 0:
        findings.append(
            end.finds("energy_falls", begin=f"{first.energy_wh} Wh", end=f"{last.energy_wh} Wh")
        )
    same = first.obis.strip().lower() == last.obis.strip().lower()
    return findings, exact if exact >= 0 and same else None


def _clock_findings(energy: list[Placed]) -> Iterable[Finding]:
    marks = {each.reading.clock for each in energy} - {SYNCHRONISED, ""}
    if marks:
        yield finding("clock_not_synchronised", marks=", ".join(sorted(marks)))


def _pairing_findings(records: Sequence[tuple[int, SignedRecord]]) -> Iterable[Finding]:
    """Every later record must be of the same meter and charge as the first, and follow it."""
    (_, first), *later = records
    last_page = first.page
    for place, record in later:
        for name in dict.fromkeys((*first.same, *record.same)):
            begin, end = first.same.get(name, ""), record.same.get(name, "")
            if begin != end:
                yield finding("other_charge", place, field=name, begin=begin, end=end)
        yield from _page_findings(last_page, record.page, place, record.names_one_charge)
        last_page = record.page or last_page


def _page_findings(
    before: tuple[str, int] | None, page: tuple[str, int] | None, place: int, may_skip: bool
) -> Iterable[Finding]:
    if before is None or page is None:
        return
    begin, end = (f"{letter}{number}" for letter, number in (before, page))
    if before[0] != page[0] or page[1] <= before[1]:
        yield finding("page_order", place, begin=begin, end=end)
    elif page[1] > before[1] + 1 and not may_skip:
        missing = page[1] - before[1] - 1
        yield finding("page_gap", place, count=missing, begin=begin, end=end)


def _whole(exact: Decimal | None) -> int | None:
    """Whole Wh, upwards: a consumption is never understated."""
    return None if exact is None else int(exact.to_integral_value(ROUND_CEILING))
