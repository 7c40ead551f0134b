"""CDRs: final, never changed, taken back only by a Credit CDR, in whatever order they come."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Upper

from charging.domain.ocpi.charge import CdrFacts, PartyName, read_cdr
from charging.domain.ocpi.document import content_hash
from charging.domain.ocpi.doubts import doubts
from charging.domain.ocpi.validation import Finding, check, errors_of, in_words
from charging.domain.session_rows import MAX_ENERGY_WH
from charging.errors import (
    CdrAltered,
    CreditRefused,
    InvalidObject,
    PartyNotRegistered,
    SecondClaimant,
)
from charging.models import Cdr, Party
from charging.models.sealing import seal
from charging.services.cdr_placing import credit_original, is_credited, place, withdraw
from charging.services.claimants import claimant_of, parties_named
from charging.services.ocpi_charges import mark_of
from charging.services.ocpi_connections import speaks_for
from charging.services.ocpi_log import Sent, note

SKEW = timedelta(minutes=5)  # how far two clocks may differ


@dataclass(frozen=True, slots=True)
class Received:
    """The CDR as it is kept, and whether it came for the first time."""

    cdr: Cdr
    is_new: bool


def receive_cdr(*, sent: Sent, document: dict[str, Any]) -> Received:
    """Take a CDR; the same one again is the first one.

    It completes the record of its charge, or is held with the reason; a Credit CDR voids
    the claim of what it credits.
    Raises: InvalidObject, PartyNotRegistered, CdrAltered, CreditRefused, SecondClaimant.
    """
    findings = check("CDR", document, sent.version)
    if errors_of(findings):
        raise InvalidObject(in_words(errors_of(findings)))
    findings += doubts("CDR", document)
    facts = read_cdr(document)
    _check_sense(facts, sent)
    with transaction.atomic():
        party = _locked(facts.charge.party)
        earlier = cdrs_named(party, facts.uid).first()
        if earlier is not None:
            return _again(earlier, document)
        cdr = _fresh(sent, document, facts, party)
        if facts.is_credit:
            credit_original(cdr, now=sent.at)
        elif is_credited(cdr):
            withdraw(cdr, facts.charge, now=sent.at)
        else:
            place(cdr, facts.charge, now=sent.at)
        note(sent, subject=f"{facts.charge.party}*{facts.uid}", notices=findings, keep_body=False)
    return Received(cdr, is_new=True)


def cdrs_named(party: Party, uid: str) -> QuerySet[Cdr]:
    """The CDR of this id, in any case."""
    return Cdr.objects.alias(name=Upper("uid")).filter(party=party, name=uid.upper())


def _locked(name: PartyName) -> Party:
    """The operator, for one CDR at a time. Raises: PartyNotRegistered."""
    party = parties_named(name).select_for_update(of=("self",)).first()
    if party is None:
        raise PartyNotRegistered(f"No party {name} is registered. Ask the registrar to add it.")
    return party


def _again(earlier: Cdr, document: dict[str, Any]) -> Received:
    if bytes(earlier.content_hash) != content_hash(document):
        raise CdrAltered(
            f"CDR {earlier.uid} was received before with other content, and a CDR never changes. "
            "Send a Credit CDR with a new id, then the right CDR."
        )
    return Received(earlier, is_new=False)


def _fresh(sent: Sent, document: dict[str, Any], facts: CdrFacts, party: Party) -> Cdr:
    """The row of a new CDR, not yet saved. Raises: SecondClaimant, PartyNotRegistered."""
    charge = facts.charge
    claimant = claimant_of(party.organisation, charge)
    sender = sent.connection.organisation_id
    if sender == party.organisation_id:
        if not speaks_for(sent.connection, charge.party):
            raise PartyNotRegistered(f"These credentials do not speak for {charge.party}.")
    elif sender != claimant.pk:
        raise SecondClaimant(
            f"The charges of {charge.party} are not yours to claim: their operator has not left "
            f"the contract {charge.token.party} to you. Ask it to delegate the claim."
        )
    return Cdr(
        party=party,
        uid=facts.uid,
        connection=sent.connection,
        claimant=claimant,
        version=sent.version,
        session_uid=charge.session_uid,
        credits=facts.credits.upper() if facts.is_credit else "",
        started_at=charge.started_at,
        ended_at=charge.ended_at or charge.started_at,
        energy_wh=charge.energy_wh,
        fingerprint=mark_of(charge),
        content_hash=content_hash(document),
        body=seal(sent.data),
        received_at=sent.at,
    )


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
