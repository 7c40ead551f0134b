"""The proof of one receipt: its retirements, with the fields that only its holder can show."""

from charging.domain.consumption import Consumption, consumption_key, disclosed_fields
from charging.models import Allocation, Receipt, Session
from ledger.domain.commitment import commit, field_salt
from ledger.domain.proof.document import Field, Proof
from ledger.errors import ProofUnavailable
from ledger.models import OutboxItem
from ledger.services.proofs import Shown, build_proof

NEVER_COUNTED = (OutboxItem.Status.FAILED, OutboxItem.Status.UNDONE)


def receipt_proof(receipt: Receipt) -> Proof:
    """Everything that shows this receipt's retirements, and nothing of anyone else's.

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
    return build_proof(
        retirements=[Shown(row.retirement.entry_id, _fields(session, charge, row)) for row in rows]
    )


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


def _fields(session: Session, charge: Consumption, row: Allocation) -> tuple[Field, ...]:
    if session.disclosure_key is None:
        return ()
    key, entry = bytes(session.disclosure_key), row.retirement.entry
    hour = row.session_hour
    fields = disclosed_fields(charge, hour.starts_at, hour.length_minutes)
    if commit(fields, key, entry.key) != bytes(entry.outbox_item.digest):
        return ()
    return tuple(
        Field(name, value, field_salt(key, entry.key, name))
        for name, value in sorted(fields.items())
    )
