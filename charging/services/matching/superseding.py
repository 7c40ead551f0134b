"""Taking a claim back. What was retired for it stays retired, and nobody claims it again.

The sealed books say so too, soon after: whoever checks an old receipt against them finds it.
"""

from datetime import datetime

from django.db import transaction

from certificates.models import Organisation
from certificates.services.holding.retirement import undo
from charging.models import Allocation, Receipt, Session, SupersededAllocation
from charging.services.matching.touching import touch
from charging.services.receipts import open_next
from ledger.errors import AlreadySettled
from ledger.services import audit
from ledger.services.superseding import supersede

Reason = SupersededAllocation.Reason


@transaction.atomic
def void_claim(*, session: Session, reason: Reason, words: str, now: datetime) -> Receipt:
    """Void what was claimed for a charge; its receipt gets a next version that says so.

    Retirements not yet on their way to the chain are given back to their holder; settled
    ones stay, superseded. Twice is as once: the receipt of the first time.
    """
    # One act on a company's claims at a time; matching takes the same lock.
    Organisation.objects.select_for_update(no_key=True).get(pk=session.claimant_id)
    session.refresh_from_db()
    if session.voided_at is not None:
        return session.receipts.order_by("-version")[0]
    settled = _give_back(session, now)
    session.final, session.voided_at, session.void_reason = False, now, words[:200]
    session.save(update_fields=["final", "voided_at", "void_reason"])
    touch(session.claimant_id, session.hours.values_list("starts_at", flat=True))
    receipt = open_next(session=session, earlier=session, reason=words, now=now)
    SupersededAllocation.objects.bulk_create(
        SupersededAllocation(
            allocation=allocation, receipt=receipt, reason=reason, superseded_at=now
        )
        for allocation in settled
    )
    retired = [allocation.retirement.entry_id for allocation in settled]
    supersede(entries=retired, reason=reason, now=now)
    audit.record(
        actor="ocpi",
        action="claim.voided",
        subject=session,
        now=now,
        detail={"reason": words, "superseded": [allocation.pk for allocation in settled]},
    )
    return receipt


def _give_back(session: Session, now: datetime) -> list[Allocation]:
    """Undo what can be undone; returns the allocations whose retirement is there to stay."""
    standing = Allocation.objects.standing().filter(session_hour__session=session)
    settled = []
    for allocation in standing.select_related("retirement__entry").order_by("pk"):
        try:
            undo(retirement=allocation.retirement, now=now)
        except AlreadySettled:
            settled.append(allocation)
    return settled
