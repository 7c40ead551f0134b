"""The proof of one receipt: its retirements, with the fields that only its holder can show."""

from collections.abc import Collection, Iterable

from charging.domain.consumption import (
    INTERVAL,
    Consumption,
    consumption_key,
    disclosed_fields,
    interval_text,
)
from charging.models import Allocation, Receipt, Session
from ledger.domain.commitment import commit, field_digest, field_salt, fields_root
from ledger.domain.proof.document import Charge, Field, Opening, Proof
from ledger.errors import ProofUnavailable
from ledger.models import OutboxItem
from ledger.services.proofs import Shown, build_proof

NEVER_COUNTED = (OutboxItem.Status.FAILED, OutboxItem.Status.UNDONE)


def receipt_proof(receipt: Receipt, show: Collection[str] | None = None) -> Proof:
    """Everything that shows this receipt's retirements, and nothing of anyone else's.

    `show` names the fields of the charge to disclose, all of them without it; the others are
    hidden behind their digests, and the proof holds all the same.

    A claim that was taken back proves nothing any more, although its Wh stay retired.
    Fields are disclosed where they still lead to what was committed: not after the person's
    key was erased or the charge's data were corrected.

    Raises: ProofUnavailable when nothing is certified yet or nothing was retired;
    ledger.errors.ChainMissing, ledger.errors.ChainCorrupt.
    """
    session = receipt.session
    rows = list(
        Allocation.objects.filter(session_hour__session=session, superseded__isnull=True)
        .exclude(retirement__entry__outbox_item__status__in=NEVER_COUNTED)
        .select_related("session_hour", "retirement__entry__outbox_item")
        .order_by("session_hour__starts_at", "retirement__lot__code", "pk")
    )
    if not rows:
        raise ProofUnavailable(
            "No certificates were used for this charge, so there is nothing to prove."
        )
    charge = _consumption(session)
    shown = [Shown(row.retirement.entry_id, _opening(session, charge, row)) for row in rows]
    is_open = any(one.opening for one in shown)
    fields = _fields(session, charge) if is_open else ()
    return build_proof(charge=_disclosed(fields, show), retirements=shown)


def _disclosed(fields: Iterable[Field], show: Collection[str] | None) -> Charge:
    open_, hidden = [], []
    for field in fields:
        if show is None or field.name in show:
            open_.append(field)
        else:
            hidden.append(field_digest(field.name, field.value, field.salt))
    return Charge(tuple(open_), tuple(sorted(hidden)))


def _consumption(session: Session) -> Consumption:
    operator = session.operator.slug
    return Consumption(
        key=consumption_key(operator, session.country_code, session.party_id, session.uid),
        claimant=session.claimant.slug,
        operator=operator,
        evse=session.evse.uid,
        started_at=session.started_at,
        ended_at=session.ended_at,
        energy_wh=session.energy_wh,
        evidence=f"{session.energy_evidence}/{session.timing_evidence}",
    )


def _opening(session: Session, charge: Consumption, row: Allocation) -> Opening | None:
    """What opens a retirement's commitment, where the charge still leads to it."""
    if session.disclosure_key is None:
        return None
    key, entry, hour = bytes(session.disclosure_key), row.retirement.entry, row.session_hour
    root = fields_root(disclosed_fields(charge), key, charge.key)
    interval = interval_text(hour.starts_at, hour.length_minutes)
    salt = field_salt(key, entry.key, INTERVAL)
    is_committed = commit(root, interval, salt) == bytes(entry.outbox_item.digest)
    return Opening(interval, salt) if is_committed else None


def _fields(session: Session, charge: Consumption) -> tuple[Field, ...]:
    key = bytes(session.disclosure_key or b"")
    return tuple(
        Field(name, value, field_salt(key, charge.key, name))
        for name, value in sorted(disclosed_fields(charge).items())
    )
