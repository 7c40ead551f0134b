"""CDRs: final, never changed, taken back only by a Credit CDR, in whatever order they come."""

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Upper

from certificates.models import Organisation
from charging.domain.ocpi.charge import CdrFacts, ChargeFacts, read_cdr
from charging.domain.ocpi.document import content_hash
from charging.domain.ocpi.doubts import doubts
from charging.domain.ocpi.validation import Finding, check, errors_of, in_words
from charging.domain.party import PartyName
from charging.domain.session_rows import MAX_ENERGY_WH
from charging.errors import (
    CdrAltered,
    CreditRefused,
    InvalidObject,
    PartyNotRegistered,
    SecondClaimant,
)
from charging.models import Cdr, ConnectionMessage, Party
from charging.models.sealing import seal
from charging.queries.ocpi.cdr_lookup import STILL, Earlier, Known, earlier_of, look_up, still
from charging.services.matching.claimants import claimant_of
from charging.services.ocpi.cdr_batches import AT_ONCE, place_waiting
from charging.services.ocpi.cdr_placing import credit_original, is_credited, place, withdraw
from charging.services.ocpi.charges import mark_of
from charging.services.ocpi.connections import confirm, speaks_for
from charging.services.ocpi.log import Sent, note, taken
from charging.services.ocpi.memory import OPERATORS
from ledger.models.once import insert_once_if, insert_once_with

logger = logging.getLogger(__name__)
SKEW = timedelta(minutes=5)  # how far two clocks may differ


@dataclass(frozen=True, slots=True)
class Received:
    """A CDR by its operator and id as they are kept, and whether it came for the first time.

    `hold`: in words, why its charge does not count; empty where it does. `is_waiting`: it is
    stored, and its charge not looked up yet.
    """

    party: PartyName
    uid: str
    is_new: bool
    hold: str = ""
    is_waiting: bool = False


@dataclass(frozen=True, slots=True)
class _Cdr:
    """A CDR that is right by itself."""

    sent: Sent
    facts: CdrFacts
    content: bytes
    notices: list[Finding]


def receive_cdr(*, sent: Sent, document: dict[str, Any], in_burst: bool = False) -> Received:
    """Take a CDR; the same one again is the first one.

    It completes the record of its charge, or is held with the reason; a Credit CDR voids
    the claim of what it credits. In a burst it is stored alone: the caller asks for
    `cdr_batches.place_waiting`, and the sweep does so anyway.
    Credentials that were taken from memory are confirmed before anything is said or kept.
    Raises: InvalidObject, PartyNotRegistered, CdrAltered, CreditRefused, SecondClaimant,
    CredentialsRefused.
    """
    findings = check("CDR", document, sent.version)
    if errors_of(findings):
        raise InvalidObject(in_words(errors_of(findings)))
    findings += doubts("CDR", document)
    facts = read_cdr(document)
    _check_sense(facts, sent)
    came = _Cdr(sent, facts, content_hash(document), findings)
    if facts.is_credit or facts.charge.energy_wh <= 0:
        _confirm(sent)
        return _take_without_claim(came)
    return _store(came, in_burst)


def cdrs_named(party: Party, uid: str) -> QuerySet[Cdr]:
    """The CDR of this id, in any case."""
    return Cdr.objects.alias(name=Upper("uid")).filter(party=party, name=uid.upper())


def _store(came: _Cdr, in_burst: bool) -> Received:
    """Keep a CDR, then look its charge up unless many more are coming."""
    known, pk = _kept_as_remembered(came) or _kept_as_looked_up(came)
    if pk is None:  # it is there, perhaps since this moment
        return _again(known.earlier or _known(came.facts).earlier, known.name, came)
    stored = Received(known.name, came.facts.uid, is_new=True, is_waiting=True)
    if in_burst:
        return stored
    try:
        place_waiting(party_id=known.party_id, now=came.sent.at, most=AT_ONCE)
    except OperationalError as error:
        logger.warning("the database is busy; CDR %d is placed later: %s", pk, error)
        return stored
    hold = Cdr.objects.values_list("hold", flat=True).get(pk=pk)
    return Received(known.name, came.facts.uid, is_new=True, **_words(hold))


def _kept_as_remembered(came: _Cdr) -> tuple[Known, int | None] | None:
    """The operator, and the id of a CDR that is stored now; None as from `_kept`.

    None altogether where nothing fitting is remembered, or not true any more.
    """
    name, sender = came.facts.charge.party, came.sent.connection
    known = OPERATORS.recall(name, came.sent.at)
    is_plain = known is not None and (known.organisation_id, known.delegates) == (
        sender.organisation_id, False,
    )  # fmt: skip
    if known is None or not is_plain or not speaks_for(sender, name):
        return None
    message = taken(came.sent, **_noted(came))
    both = Cdr, _values(came, known), ConnectionMessage, message
    asks = still(known, came.facts.uid, sender)
    if connection.vendor == "postgresql":  # one statement needs no transaction around it
        row = insert_once_if(*both, when=STILL, asks=asks)
    else:
        with transaction.atomic():
            row = insert_once_if(*both, when=STILL, asks=asks)
    if row is None:
        OPERATORS.drop(name)
        return None
    return replace(known, earlier=earlier_of(*row[1:])), row[0]


def _kept_as_looked_up(came: _Cdr) -> tuple[Known, int | None]:
    """The same, asked step by step. Raises as `receive_cdr`, and CredentialsRefused."""
    _confirm(came.sent)
    known = _known(came.facts)
    OPERATORS.keep(came.facts.charge.party, replace(known, earlier=None), came.sent.at)
    return known, _kept(came, known) if known.earlier is None else None


def _confirm(sent: Sent) -> None:
    """Raises: CredentialsRefused where what was remembered of them is not so any more."""
    if sent.is_remembered:
        confirm(sent.connection, sent.at)


def _kept(came: _Cdr, known: Known) -> int | None:
    """The id of a CDR that is stored and noted now, or None where it is there already."""
    row, message = _values(came, known), taken(came.sent, **_noted(came))
    if connection.vendor == "postgresql":  # one statement needs no transaction around it
        return insert_once_with(Cdr, row, ConnectionMessage, message)
    with transaction.atomic():
        return insert_once_with(Cdr, row, ConnectionMessage, message)


@transaction.atomic
def _take_without_claim(came: _Cdr) -> Received:
    """A credit, or a charge that took nothing: there is nothing to be recorded."""
    known = _known(came.facts)
    list(Party.objects.select_for_update(no_key=True).filter(pk=known.party_id))
    known = _known(came.facts)  # as it is now that nobody else acts on this operator's charges
    if known.earlier is not None:
        return _again(known.earlier, known.name, came)
    cdr = Cdr(**{**_values(came, known), "status": "", "hold": ""})
    if came.facts.is_credit:
        credit_original(cdr, now=came.sent.at)
    elif is_credited(cdr):
        withdraw(cdr, came.facts.charge, now=came.sent.at)
    else:
        place(cdr, came.facts.charge, now=came.sent.at)
    note(came.sent, **_noted(came))
    return Received(known.name, cdr.uid, is_new=True)


def _known(facts: CdrFacts) -> Known:
    """Raises: PartyNotRegistered."""
    name = facts.charge.party
    known = look_up(name, facts.uid)
    if known is None:
        raise PartyNotRegistered(f"No party {name} is registered. Ask the registrar to add it.")
    return known


def _again(earlier: Earlier | None, party: PartyName, came: _Cdr) -> Received:
    if earlier is None or earlier.content_hash != came.content:
        raise CdrAltered(
            f"CDR {earlier.uid if earlier else came.facts.uid} was received before with other "
            "content, and a CDR never changes. Send a Credit CDR with a new id, then the right CDR."
        )
    return Received(party, earlier.uid, is_new=False, **_words(earlier.hold))


def _words(hold: str) -> dict[str, Any]:
    if hold == Cdr.TO_PLACE:
        return {"is_waiting": True}
    return {"hold": Cdr.Hold(hold).label if hold else ""}


def _noted(came: _Cdr) -> dict[str, Any]:
    subject = f"{came.facts.charge.party}*{came.facts.uid}"
    return {"subject": subject, "notices": came.notices, "keep_body": False}


def _claimant(sent: Sent, charge: ChargeFacts, known: Known) -> int:
    """Who may claim a charge. Raises: SecondClaimant, PartyNotRegistered."""
    claimant = known.organisation_id
    if known.delegates:
        claimant = claimant_of(Organisation.objects.get(pk=claimant), charge).pk
    sender = sent.connection.organisation_id
    if sender == known.organisation_id:
        if not speaks_for(sent.connection, charge.party):
            raise PartyNotRegistered(f"These credentials do not speak for {charge.party}.")
    elif sender != claimant:
        raise SecondClaimant(
            f"The charges of {charge.party} are not yours to claim: their operator has not left "
            f"the contract {charge.token.party} to you. Ask it to delegate the claim."
        )
    return claimant


def _values(came: _Cdr, known: Known) -> dict[str, Any]:
    """The columns of a CDR that is stored. Raises: SecondClaimant, PartyNotRegistered."""
    facts, sent, charge = came.facts, came.sent, came.facts.charge
    return {
        "party_id": known.party_id,
        "uid": facts.uid,
        "connection_id": sent.connection.pk,
        "claimant_id": _claimant(sent, charge, known),
        "version": sent.version,
        "session_uid": charge.session_uid,
        "status": Cdr.Status.HELD.value,
        "hold": Cdr.TO_PLACE,
        "credits": facts.credits.upper() if facts.is_credit else "",
        "started_at": charge.started_at,
        "ended_at": charge.ended_at or charge.started_at,
        "energy_wh": charge.energy_wh,
        "fingerprint": mark_of(charge),
        "content_hash": came.content,
        "body": seal(sent.data),
        "received_at": sent.at,
    }


def _check_sense(facts: CdrFacts, sent: Sent) -> None:
    """Raises: InvalidObject, CreditRefused for what no charge can be."""
    charge, problems = facts.charge, []
    ended = charge.ended_at or charge.started_at
    if ended > sent.at + SKEW:
        problems.append(Finding("end_date_time", "lies in the future; check the clock"))
    if ended < charge.started_at or (ended == charge.started_at and charge.energy_wh > 0):
        problems.append(Finding("end_date_time", "is not after start_date_time"))
    if charge.energy_wh > MAX_ENERGY_WH:
        problems.append(Finding("total_energy", "is more than a thousand MWh; OCPI counts in kWh"))
    if problems:
        raise InvalidObject(in_words(problems))
    if facts.is_credit and not facts.credits:
        raise CreditRefused("credit_reference_id is missing: name the CDR that is credited.")
    if facts.is_credit and facts.credits.upper() == facts.uid.upper():
        raise CreditRefused("A Credit CDR has a new id; it cannot credit itself.")
