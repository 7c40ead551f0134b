"""Where a CDR belongs: it completes a record, waits for a reason, or takes a claim back."""

from collections.abc import Container
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Upper

from charging.domain.ocpi.cdr_states import NEW, check_go
from charging.domain.ocpi.charge import ChargeFacts, read_cdr
from charging.domain.ocpi.document import read_object
from charging.errors import CreditRefused
from charging.models import Cdr, Party
from charging.models.sealing import unseal
from charging.services.matching.superseding import Reason, void_claim
from charging.services.ocpi.charges import (
    Hindered,
    charge_of,
    identity_of,
    record,
    record_of,
    records_of,
    standing,
)

OWN_RECORD = "cdr:"  # before the id of a CDR that stands for a charge without a session
Status, Hold = Cdr.Status, Cdr.Hold


def facts_of(cdr: Cdr) -> ChargeFacts:
    """What a kept CDR says of its charge."""
    return read_cdr(read_object(unseal(cdr.body))).charge


def place(cdr: Cdr, facts: ChargeFacts, *, now: datetime, released: Container[str] = ()) -> None:
    """Save a CDR as what it is now: recorded, held with a reason, or without energy.

    `released` are holds that a person decided not to mind.
    """
    is_own = Hold.POSSIBLE_DUPLICATE in released
    if facts.energy_wh <= 0:
        become(cdr, Status.NO_ENERGY)
        return
    uid = identity_of(cdr.party, facts) or (f"{OWN_RECORD}{cdr.uid}" if is_own else "")
    records = records_of(cdr.party, uid) if uid else []
    last = standing(records)
    try:
        if not uid:
            raise Hindered(Hold.POSSIBLE_DUPLICATE)
        if last is not None and last.final:
            raise Hindered(Hold.ANOTHER_CDR)
        charge = charge_of(
            facts,
            uid=uid,
            party=cdr.party,
            claimant=cdr.claimant,
            records=records,
            released=released,
        )
        cdr.session, status, hold = record(charge, final=True, now=now), Status.RECORDED, ""
    except Hindered as hindered:
        status, hold = Status.HELD, hindered.hold
    cdr.session_uid = uid or cdr.session_uid
    become(cdr, status, hold)


def is_credited(cdr: Cdr) -> bool:
    """Whether a Credit CDR came before what it credits."""
    return _credits_of(cdr).exists()


def withdraw(cdr: Cdr, facts: ChargeFacts, *, now: datetime) -> None:
    """Save a CDR that was credited before it came: it counts for nothing."""
    uid = identity_of(cdr.party, facts)
    provisional = record_of(cdr.party, uid) if uid else None
    if provisional is not None and not provisional.final:
        void_claim(session=provisional, reason=Reason.CREDITED, words=_words(cdr), now=now)
    become(cdr, Status.CREDITED)


def credit_original(credit: Cdr, *, now: datetime) -> None:
    """Save a Credit CDR and take back what it credits, if that came already.

    An original that is stored and not yet placed comes after its credit.

    Raises: CreditRefused when it is credited already, or is itself a credit.
    """
    earlier = _named_credit(credit)
    if earlier is not None:
        raise CreditRefused(f"CDR {credit.credits} was credited before, by {earlier.uid}.")
    original = Cdr.objects.alias(name=Upper("uid")).filter(party=credit.party, name=credit.credits)
    found = original.exclude(hold=Cdr.TO_PLACE).select_related("session").first()
    if found is not None:
        if found.status == Status.CREDIT:
            raise CreditRefused(f"CDR {found.uid} is a credit itself and cannot be credited.")
        credit.session = found.session
        if found.status == Status.RECORDED and found.session is not None:
            words = _words(found)
            stands = record_of(credit.party, found.session_uid) or found.session
            void_claim(session=stands, reason=Reason.CREDITED, words=words, now=now)
        become(found, Status.CREDITED)
    become(credit, Status.CREDIT)
    if found is not None and found.session_uid:
        waiting = Cdr.objects.filter(party=credit.party, status=Status.HELD, hold=Hold.ANOTHER_CDR)
        _again(waiting.alias(charge=Upper("session_uid")).filter(
            charge=found.session_uid.upper()
        ), now)  # fmt: skip


def take_up(*, mark: bytes, party: int, now: datetime) -> None:
    """A session became known: the CDR that waited for one like it is placed."""
    _again(Cdr.objects.filter(
        party=party, fingerprint=mark, hold=Hold.POSSIBLE_DUPLICATE
    ), now)  # fmt: skip


@transaction.atomic
def retry_without_area(*, now: datetime) -> int:
    """Place the CDRs whose site has an area by now; returns how many are recorded."""
    waiting = Cdr.objects.filter(status=Status.HELD, hold=Hold.AREA_UNKNOWN)
    lock_operators(waiting)
    return _again(waiting, now)


def become(cdr: Cdr, status: str, hold: str = "") -> None:
    """Save a CDR in its next state. Raises: CreditRefused for a way that is closed."""
    check_go(cdr.status if cdr.pk else NEW, status)
    cdr.status, cdr.hold = status, hold
    cdr.save()


def lock_operators(cdrs: QuerySet[Cdr]) -> None:
    """One act on their operators' charges at a time, in an order that cannot deadlock."""
    operators = Party.objects.filter(pk__in=cdrs.values("party"))
    list(operators.select_for_update(no_key=True).order_by("pk"))


def _again(waiting: QuerySet[Cdr], now: datetime) -> int:
    recorded = 0
    for cdr in waiting.select_related("party__organisation", "claimant").order_by("pk"):
        place(cdr, facts_of(cdr), now=now)
        recorded += cdr.status == Status.RECORDED
    return recorded


def _credits_of(cdr: Cdr) -> QuerySet[Cdr]:
    return Cdr.objects.filter(party=cdr.party, status=Status.CREDIT, credits=cdr.uid.upper())


def _named_credit(credit: Cdr) -> Cdr | None:
    rows = Cdr.objects.filter(party=credit.party, status=Status.CREDIT)
    return rows.filter(credits=credit.credits).first()


def _words(cdr: Cdr) -> str:
    return f"The operator took CDR {cdr.uid} back"
