"""What a Session means for the record of its charge, before its CDR is there."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from charging.domain.ocpi.charge import COMPLETED, ChargeFacts, read_session
from charging.domain.session_rows import MAX_ENERGY_WH
from charging.models import Party
from charging.services.matching.claimants import claimant_of
from charging.services.matching.superseding import Reason, void_claim
from charging.services.ocpi.cdr_placing import take_up
from charging.services.ocpi.charges import (
    Hindered,
    charge_of,
    identity_of,
    mark_of,
    record,
    record_of,
)

INVALID = "INVALID"


def take_session(*, party: Party, document: dict[str, Any], now: datetime) -> None:
    """Complete the provisional record of a charge that is over; a CDR makes it final.

    What lasts, took nothing, or lies where no area is known waits for its CDR. A session
    that its operator calls invalid loses its provisional record.
    """
    facts = read_session(document)
    if document["status"] == INVALID:
        _withdraw(party, facts, now)
    elif document["status"] == COMPLETED and _is_believable(facts, now):
        uid = identity_of(party, facts)
        claimant = claimant_of(party.organisation, facts)
        with suppress(Hindered):  # then the CDR will be held, with the reason
            record(charge_of(facts, uid=uid, party=party, claimant=claimant), final=False, now=now)
    take_up(mark=mark_of(facts), party=party.pk, now=now)


def _is_believable(facts: ChargeFacts, now: datetime) -> bool:
    ended = facts.ended_at
    return (
        ended is not None
        and facts.started_at < ended <= now
        and 0 < facts.energy_wh <= MAX_ENERGY_WH
    )


def _withdraw(party: Party, facts: ChargeFacts, now: datetime) -> None:
    row = record_of(party, facts.session_uid)
    if row is not None and not row.final:
        words = "The operator declared the session invalid"
        void_claim(session=row, reason=Reason.CORRECTED, words=words, now=now)
