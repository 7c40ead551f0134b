"""All rows that a file leaves held for one cause, decided by a person in one act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from certificates.models import Organisation
from charging.domain import repairs
from charging.domain.hold_causes import Cause, cause_of
from charging.domain.line_ranges import ranges
from charging.domain.session_rows import Charge
from charging.errors import ChargingError, DecisionRefused, DecisionsRefused
from charging.models import SessionFile, SessionRow
from charging.services.sessions.hold_weighing import Weighing
from charging.services.sessions.holds import LEFT_OUT, WHY_LEFT_OUT, check_over, correct, is_final
from charging.services.sessions.records import Accepted, write_file
from ledger.services import audit

LEAVE = -1  # in place of a proposal: leave the rows out
MOST_ROWS = 20_000  # in one act
CHUNK_ROWS = 500
DECIDED = ["status", "decision", "decided_at", "decided_by", "session", "reasons"]


@dataclass(frozen=True, slots=True)
class Act:
    """What is decided: the proposal's place, or LEAVE; the area where none is known.

    `rows`, where given, is how many rows the person saw; with other rows nothing is decided.
    """

    cause: str
    choice: int
    area_code: str = ""
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What deciding came to, or would come to: whole rows and whole Wh.

    `energy_wh` is what the new and the corrected charges take in all. `refusals` are (line,
    sentence); with any of them nothing is done.
    """

    rows: int = 0
    created: int = 0
    corrected: int = 0
    left_out: int = 0
    energy_wh: int = 0
    refusals: tuple[tuple[int, str], ...] = ()


@transaction.atomic
def decide_all(*, file: SessionFile, act: Act, actor: Any, now: datetime) -> Effect:
    """Decide every held row of one cause in a file, all or none.

    Raises: DecisionsRefused, with each line that stands against it; DecisionRefused where the
    rows are no longer those that the person saw, or were decided before.
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=file.organisation_id)
    rows, cause = _held(file, act.cause)
    if not rows or cause is None:
        raise DecisionRefused("Nothing is held for this cause any more. It was decided before.")
    if act.rows is not None and act.rows != len(rows):
        raise DecisionRefused("Other rows are held for this cause by now. Look at them again.")
    if len(rows) > MOST_ROWS:
        raise DecisionRefused(
            f"More than {MOST_ROWS:,} rows are held for this cause. "
            "Correct the file, or choose another layout for it, and send it again."
        )
    if act.choice == LEAVE:
        effect, decision = _leave(rows), LEFT_OUT
    else:
        if not 0 <= act.choice < len(cause.kinds):
            raise DecisionRefused("There is no such proposal. Choose one that the page shows.")
        kind = cause.kinds[act.choice]
        effect, decision = _take(file, rows, act, kind, actor, now), f"{kind}:{act.choice}"
    _write(rows, decision, actor, now)
    _record(file, rows, cause, decision, actor, now)
    return effect


def foresee(*, file: SessionFile, act: Act, actor: Any, now: datetime) -> Effect:
    """What deciding would come to: carried out as it will be, read off and taken back.

    Raises: DecisionRefused.
    """
    try:
        with transaction.atomic():
            raise _TakeBack(decide_all(file=file, act=act, actor=actor, now=now))
    except _TakeBack as found:
        return found.effect
    except DecisionsRefused as refused:
        return Effect(refusals=refused.refusals)


class _TakeBack(Exception):
    """Ends the trial; nothing of it is kept."""

    def __init__(self, effect: Effect) -> None:
        super().__init__()
        self.effect = effect


def _held(file: SessionFile, key: str) -> tuple[list[SessionRow], Cause | None]:
    rows, cause = [], None
    held = file.rows.filter(status=SessionRow.Status.HELD).order_by("line")
    for row in held.iterator(chunk_size=2_000):
        found = cause_of(row.reasons, row.proposals)
        if found.key == key:
            rows.append(row)
            cause = found
    return rows, cause


def _leave(rows: Sequence[SessionRow]) -> Effect:
    for row in rows:
        row.status = SessionRow.Status.REJECTED
        row.reasons = [*row.reasons, WHY_LEFT_OUT]
    return Effect(rows=len(rows), left_out=len(rows))


def _take(
    file: SessionFile, rows: Sequence[SessionRow], act: Act, kind: str, actor: Any, now: datetime
) -> Effect:
    """Make or correct the charge of each row. Raises: DecisionsRefused."""
    weighing = Weighing(file, act.area_code)
    accepted: list[tuple[SessionRow, Accepted]] = []
    refusals: list[tuple[int, str]] = []
    energy_wh = 0
    for row in rows:
        charge = Charge(**row.proposals[act.choice]["charge"])
        energy_wh += charge.energy_wh
        try:
            check_over(charge, now)
            if kind == repairs.CORRECT:
                row.session = correct(file.organisation, charge, actor, now)
            else:
                accepted.append((row, weighing.take(row.line, charge, kind)))
        except ChargingError as error:
            refusals.append((row.line, str(error)))
        row.status = SessionRow.Status.REPAIRED
    if refusals:
        raise DecisionsRefused(
            f"{len(refusals):,} of {len(rows):,} rows cannot be taken like this, so none was. "
            "Decide those one by one, then the others together.",
            tuple(refusals),
        )
    charges = [item for _, item in accepted]
    ids = write_file(file=file, accepted=charges, kept=[], final=is_final(file), now=now)
    for (row, _), pk in zip(accepted, ids, strict=True):
        row.session_id = pk
    return Effect(
        rows=len(rows), created=len(ids), corrected=len(rows) - len(ids), energy_wh=energy_wh
    )


def _write(rows: Sequence[SessionRow], decision: str, actor: Any, now: datetime) -> None:
    person = actor if getattr(actor, "is_authenticated", False) else None
    for row in rows:
        row.decision, row.decided_at, row.decided_by = decision, now, person
    SessionRow.objects.bulk_update(rows, DECIDED, batch_size=CHUNK_ROWS)


def _record(
    file: SessionFile,
    rows: Sequence[SessionRow],
    cause: Cause,
    decision: str,
    actor: Any,
    now: datetime,
) -> None:
    audit.record(
        actor=actor,
        action="session_rows.decided",
        subject=file,
        now=now,
        detail={
            "file": file.key,
            "reasons": list(cause.reasons),
            "decision": decision,
            "rows": len(rows),
            "lines": ranges([row.line for row in rows]),
        },
    )
