"""Locations, tariffs, tokens and sessions as other systems keep them here.

A write that is older than what stands is taken and changes nothing: messages overtake each
other, and the newest wins.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from charging.domain.ocpi.charge import read_session, read_site
from charging.domain.ocpi.document import read_object, write
from charging.domain.ocpi.doubts import doubts
from charging.domain.ocpi.merge import patched, patched_session
from charging.domain.ocpi.validation import Finding, check, check_part, errors_of, in_words
from charging.domain.ocpi.values import read_instant, write_instant
from charging.domain.party import PartyName
from charging.errors import (
    InvalidObject,
    OcpiRefused,
    UnknownChargingToken,
    UnknownObject,
    UnknownParty,
    UnknownSite,
)
from charging.models import Connection, OcpiObject, Party
from charging.models.sealing import seal, unseal
from charging.queries.ocpi.objects import find, storage_name
from charging.services.matching.claimants import party_named
from charging.services.ocpi.charges import mark_of
from charging.services.ocpi.connections import speaks_for
from charging.services.ocpi.log import Sent, note
from charging.services.ocpi.sessions import take_session
from charging.services.ocpi.sites import evse_of, site_of

STALE = Finding("last_updated", "is older than what is kept; nothing was changed", is_notice=True)
AHEAD = Finding("last_updated", "lies in the future; the time of arrival counts", is_notice=True)
KINDS = {
    OcpiObject.Module.LOCATIONS: ("Location", "id"),
    OcpiObject.Module.TARIFFS: ("Tariff", "id"),
    OcpiObject.Module.TOKENS: ("Token", "uid"),
    OcpiObject.Module.SESSIONS: ("Session", "id"),
}
ABSENT: dict[str, type[OcpiRefused]] = {
    OcpiObject.Module.LOCATIONS: UnknownSite,
    OcpiObject.Module.TOKENS: UnknownChargingToken,
}
Document = dict[str, Any]
Change = Callable[[Document], Document]


@dataclass(frozen=True, slots=True)
class Address:
    """Where an object is: its sender's party and its id; a token's type is part of it."""

    module: OcpiObject.Module
    party: PartyName
    uid: str
    token_type: str = ""

    @property
    def kind(self) -> str:
        """The object's name in the standard."""
        return KINDS[self.module][0]

    @property
    def key(self) -> str:
        """The field that holds its id."""
        return KINDS[self.module][1]

    @property
    def shown(self) -> str:
        """The object in words; a driver's token is not repeated in any log."""
        name = "" if self.module == OcpiObject.Module.TOKENS else f" {self.uid}"
        return f"{self.kind}{name} of {self.party}"

    def __str__(self) -> str:
        uid = storage_name(self.module, self.uid, self.token_type)
        return f"{self.party}*{uid[:100]}"


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of a write: `is_new` for a first one, and faults that did not hinder."""

    is_new: bool
    notices: tuple[Finding, ...]


def own_party(connection: Connection, name: PartyName) -> Party:
    """The party, when these credentials speak for it. Raises: UnknownParty."""
    party = party_named(name) if speaks_for(connection, name) else None
    if party is None or party.organisation_id != connection.organisation_id:
        raise UnknownParty(f"These credentials do not speak for {name}.")
    return party


@transaction.atomic
def put(*, sent: Sent, address: Address, document: Document) -> Kept:
    """Keep an object as it was sent, in place of what was there.

    Raises: UnknownParty, InvalidObject.
    """
    party = _locked(own_party(sent.connection, address.party))
    row = find(party, address.module, address.uid, address.token_type)
    return _keep(sent, address, party, row, document, sent.data)


@transaction.atomic
def patch(*, sent: Sent, address: Address, part: Document) -> Kept:
    """Change fields of an object; a session's charging periods are appended.

    Raises: UnknownParty, UnknownObject, InvalidObject.
    """
    if part.get("last_updated") is None:
        raise InvalidObject("last_updated: is missing; a PATCH says when the object changed.")
    wrong = errors_of(check_part(address.kind, part, sent.version))
    if wrong:
        raise InvalidObject(in_words(wrong))
    merge = patched_session if address.module == OcpiObject.Module.SESSIONS else patched
    return change(sent=sent, address=address, how=lambda stored: merge(stored, part))


@transaction.atomic
def change(*, sent: Sent, address: Address, how: Change) -> Kept:
    """Keep what `how` makes of the object that is there.

    Raises: UnknownParty, UnknownObject, InvalidObject, and whatever `how` raises.
    """
    party = _locked(own_party(sent.connection, address.party))
    row = find(party, address.module, address.uid, address.token_type)
    if row is None or row.removed_at is not None:
        raise absent(address)
    document = how(read_object(unseal(row.body)))
    return _keep(sent, address, party, row, document, write(document))


@transaction.atomic
def remove(*, sent: Sent, address: Address) -> None:
    """Remove a tariff; it is not offered any more. Raises: UnknownParty, UnknownObject."""
    party = _locked(own_party(sent.connection, address.party))
    row = find(party, address.module, address.uid, address.token_type)
    if row is None or row.removed_at is not None:
        raise absent(address)
    row.removed_at = sent.at
    row.save(update_fields=["removed_at"])
    note(sent, subject=str(address))


def read_back(*, connection: Connection, address: Address) -> bytes:
    """An object as it stands, byte for byte unless a PATCH changed it.

    Raises: UnknownParty, UnknownObject and its like.
    """
    row = find(
        own_party(connection, address.party), address.module, address.uid, address.token_type
    )
    if row is None or row.removed_at is not None:
        raise absent(address)
    return unseal(row.body)


def absent(address: Address) -> OcpiRefused:
    """The error that says there is no such object."""
    kind = ABSENT.get(address.module, UnknownObject)
    return kind(f"No {address.shown} is known here.")


def _keep(
    sent: Sent,
    address: Address,
    party: Party,
    row: OcpiObject | None,
    document: Document,
    body: bytes,
) -> Kept:
    findings = _checked(sent, address, document)
    stamp, ahead = _stamp(document, sent.at)
    is_new = row is None or row.removed_at is not None
    row = row or OcpiObject(
        party=party,
        module=address.module,
        uid=storage_name(address.module, address.uid, address.token_type),
    )
    if not is_new and stamp < row.last_updated:
        findings = [*findings, STALE]
    else:
        row.body, row.version = seal(body), sent.version
        row.last_updated, row.received_at, row.removed_at = stamp, sent.at, None
        if address.module == OcpiObject.Module.SESSIONS:
            row.fingerprint = mark_of(read_session(document))
        row.save()
        _follow(sent, party, row, document)
    notices = [*findings, AHEAD] if ahead else findings
    note(sent, subject=str(address), notices=notices)
    return Kept(is_new, tuple(notices))


def _follow(sent: Sent, party: Party, row: OcpiObject, document: Document) -> None:
    """What a new object means for charges and sites."""
    if row.module == OcpiObject.Module.SESSIONS:
        take_session(party=party, document=document, now=sent.at)
    elif row.module == OcpiObject.Module.LOCATIONS:
        site = site_of(party, read_site(document), is_news=True)
        for evse in document.get("evses") or ():
            evse_of(site, evse["uid"])


def _checked(sent: Sent, address: Address, document: Document) -> list[Finding]:
    """The notices of a right object. Raises: InvalidObject."""
    findings = check(address.kind, document, sent.version)
    wrong = errors_of(findings)
    if not wrong:
        wrong = [
            Finding(name, "is not what the address says")
            for name, said in (
                ("country_code", address.party.country_code),
                ("party_id", address.party.party_id),
                (address.key, address.uid),
            )
            if document[name].upper() != said.upper()
        ]
        if address.module == OcpiObject.Module.TOKENS and document["type"] != address.token_type:
            wrong.append(Finding("type", f"is not {address.token_type}, as the address says"))
    if wrong:
        raise InvalidObject(in_words(wrong))
    return findings + doubts(address.kind, document)


def _stamp(document: Document, now: datetime) -> tuple[datetime, bool]:
    """When the object changed, and whether that was said to be later than now."""
    said = read_instant(document.get("last_updated") or write_instant(now))
    return min(said, now), said > now


def _locked(party: Party) -> Party:
    """The party, for one write at a time; its name is looked up before by `own_party`."""
    rows = Party.objects.select_for_update(of=("self",), no_key=True).select_related("organisation")
    return rows.get(pk=party.pk)
