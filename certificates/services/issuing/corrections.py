"""A reading was corrected: certificates follow, in the order that the registry's rules set."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from certificates.domain.lot_facts import instant
from certificates.domain.taking import Pocket, take
from certificates.domain.tally import Steps, steps
from certificates.domain.whole_certificates import whole_parts
from certificates.models import Correction, CorrectionPart, DebtMove, Device
from certificates.queries.readings.pockets import Pockets, pockets
from certificates.queries.readings.tallies import HERE, open_debt_wh, tallies
from certificates.services import notices
from certificates.services.issuing import debts
from certificates.signals import readings_corrected
from ledger.models import Account, Entry
from ledger.models.bulk import insert
from ledger.services.accounts import system_account
from ledger.services.book import Draft, Move, post_entries

Kind = DebtMove.Kind
MOVES = 100  # in one entry, so that each fits a batch for the chain


@dataclass(slots=True)
class CorrectionReport:
    """Wh by what became of them."""

    taken_wh: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    owed_wh: int = 0
    lowered_wh: int = 0


@dataclass(frozen=True, slots=True)
class _Taken:
    correction: Correction
    parts: list[tuple[Pocket, int]]


@transaction.atomic
def carry_out(
    *, device: Device, corrections: Sequence[Correction], now: datetime
) -> CorrectionReport:
    """Take back what the device's corrected intervals no longer generated.

    First from the owner's balance of the lots, then from the owner's other lots of the same
    interval and area, the owner's reserve, and the holders by standing agreement pro rata,
    who are told; the rest is owed and withheld from the next issuance. Of devices that are
    certified in whole MWh only whole ones are taken, from each account, and the rest is owed.
    What is retired stays retired. What a correction upwards adds is left to issuance. The
    device's row must be locked. Again changes nothing.
    """
    by_start = debts.latest(corrections)
    debt = open_debt_wh(device)
    nets = device.negative_policy == Device.NegativePolicy.NET
    found = tallies(device, by_start, now)
    report = CorrectionReport()
    rows: list[debts.Row] = []
    wanted: dict[datetime, Steps] = {}
    for at, tally in found.items():
        todo = steps(tally, nets=nets and _is_charged(tally.consumed_wh), open_debt_wh=debt)
        rows += _debt_rows(by_start[at], todo)
        debt += todo.consumed + todo.released - todo.lowered
        report.lowered_wh += todo.lowered
        if todo.take:
            wanted[at] = todo
    taken, owed = _take(pockets(device, sorted(wanted)), by_start, wanted) if wanted else ([], [])
    rows += owed
    report.owed_wh = sum(row[3] for row in owed)
    for each in taken:
        for pocket, wh in each.parts:
            report.taken_wh[pocket.source] += wh
    _withdraw(device, taken, now)
    debts.post(device=device, rows=rows, now=now)
    debt += report.owed_wh
    if debt < 0:
        debts.give_back(device=device, amount_wh=-debt, now=now)
    _tell(device, taken, report, now)
    readings_corrected.send(
        sender=Correction,
        correction_ids=[each.pk for each in corrections],
        deficit_ids=_with_deficit(taken, rows),
        now=now,
    )
    return report


def _with_deficit(taken: Sequence[_Taken], rows: Sequence[debts.Row]) -> list[int]:
    """Corrections that changed how much stands beyond what was generated."""
    elsewhere = {
        each.correction.pk
        for each in taken
        for pocket, _ in each.parts
        if pocket.source not in HERE
    }
    owed = {row[4] for row in rows if row[2] == Kind.CORRECTION and row[3] and row[4]}
    return sorted(elsewhere | owed)


def _is_charged(consumed_wh: int) -> bool:
    # What issuance has not charged yet, it will charge in the order of time.
    return consumed_wh != 0


def _debt_rows(correction: Correction, todo: Steps) -> list[debts.Row]:
    at, minutes, pk = correction.starts_at, correction.length_minutes, correction.pk
    return [
        (at, minutes, Kind.CONSUMPTION, todo.consumed, pk),
        (at, minutes, Kind.RELEASED, todo.released, pk),
        (at, minutes, Kind.CORRECTION, -todo.lowered, pk),
    ]


def _take(
    held: Pockets, by_start: dict[datetime, Correction], wanted: dict[datetime, Steps]
) -> tuple[list[_Taken], list[debts.Row]]:
    taken: list[_Taken] = []
    owed: list[debts.Row] = []
    for at, todo in wanted.items():
        correction = by_start[at]
        parts, left = take(todo.take, held.ranks(at, correction.length_minutes))
        for pocket, wh in parts:
            held.spend(pocket, wh)
        taken.append(_Taken(correction, parts))
        owed.append((at, correction.length_minutes, Kind.CORRECTION.value, left, correction.pk))
    return (taken, owed) if not held.whole else _whole(held, taken, owed)


def _whole(
    held: Pockets, taken: Sequence[_Taken], owed: Sequence[debts.Row]
) -> tuple[list[_Taken], list[debts.Row]]:
    """Of devices that are certified in whole MWh nothing in part is taken, but owed instead."""
    flat = [(each.correction.pk, pocket, wh) for each in taken for pocket, wh in each.parts]
    kept = whole_parts([(held.whole_group(pocket), wh) for _, pocket, wh in flat])
    parts: dict[int, list[tuple[Pocket, int]]] = defaultdict(list)
    more: dict[int, int] = defaultdict(int)
    for (correction, pocket, wh), part in zip(flat, kept, strict=True):
        more[correction] += wh - part
        if part:
            parts[correction].append((pocket, part))
    return (
        [_Taken(each.correction, parts[each.correction.pk]) for each in taken],
        [(at, minutes, kind, wh + more[pk or 0], pk) for at, minutes, kind, wh, pk in owed],
    )


def _withdraw(device: Device, taken: Sequence[_Taken], now: datetime) -> None:
    withdrawn = system_account(Account.System.WITHDRAWN).pk
    drafts: list[Draft] = []
    parts: list[tuple[Correction, list[tuple[Pocket, int]]]] = []
    rounds = _rounds([each.correction for each in taken])
    for each in taken:
        correction = each.correction
        start = instant(correction.starts_at)
        for begin in range(0, len(each.parts), MOVES):
            some = each.parts[begin : begin + MOVES]
            rounds[correction.pk] += 1
            key = (
                f"correct:{device.gsrn}:{start}:{correction.length_minutes}:"
                f"{correction.reading.version}:{rounds[correction.pk]}"
            )
            moves = [Move(pocket.account, withdrawn, pocket.asset, wh) for pocket, wh in some]
            drafts.append(Draft(key, Entry.Kind.WITHDRAW, moves, b""))
            parts.append((correction, some))
    if not drafts:
        return
    entries = post_entries(drafts=drafts, now=now)
    insert(
        CorrectionPart,
        ["correction", "source", "lot", "holder", "amount_wh", "entry"],
        [
            (correction.pk, pocket.source, pocket.lot, pocket.holder, wh, entry)
            for (correction, some), entry in zip(parts, entries, strict=True)
            for pocket, wh in some
        ],
    )


def _rounds(corrections: Sequence[Correction]) -> dict[int, int]:
    """How many entries each correction has led to; the chain may have refused some."""
    found: dict[int, set[int]] = defaultdict(set)
    ids = [each.pk for each in corrections]
    for begin in range(0, len(ids), MOVES):
        rows = CorrectionPart.objects.filter(correction__in=ids[begin : begin + MOVES])
        for correction, entry in rows.values_list("correction_id", "entry_id"):
            found[correction].add(entry)
    return defaultdict(int, {pk: len(entries) for pk, entries in found.items()})


def _tell(device: Device, taken: Sequence[_Taken], report: CorrectionReport, now: datetime) -> None:
    """Whoever lost certificates and is not the owner, and the owner of what is owed."""
    lost: dict[int, int] = defaultdict(int)
    for each in taken:
        for pocket, wh in each.parts:
            if pocket.holder != device.organisation_id:
                lost[pocket.holder] += wh
    if not taken:
        return
    first, last = taken[0].correction, taken[-1].correction
    mark = f"correction:{first.pk}:{len(taken)}:{now.timestamp():.0f}"
    span = f"{instant(first.starts_at)} to {instant(last.starts_at)}"
    for organisation, wh in sorted(lost.items()):
        notices.send(
            key=f"{mark}:{organisation}",
            organisation_id=organisation,
            kind=notices.Kind.WITHDRAWN,
            message=(
                f"{wh} Wh of certificates of {device.name} were withdrawn from your account: "
                f"its meter data for intervals from {span} were corrected. What you have "
                "already used stays used."
            ),
            amount_wh=wh,
            now=now,
        )
    if report.owed_wh:
        notices.send(
            key=f"{mark}:owed",
            organisation_id=device.organisation_id,
            kind=notices.Kind.DEBT,
            message=(
                f"{device.name} now owes {report.owed_wh} Wh: they were certified, used or sold, "
                f"and its corrected meter data for intervals from {span} do not contain them. "
                "They are withheld from its next certificates."
            ),
            amount_wh=report.owed_wh,
            now=now,
        )
