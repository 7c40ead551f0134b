"""Connections to other systems: invited with token A, connected with token C, revoked.

The registry keeps no token: of those it gives out the SHA-256, of the other side's nothing
at all, since it calls the other side during the handshake alone.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from certificates.models import Organisation, Role
from charging.domain.ocpi.validation import check, errors_of, in_words
from charging.domain.party import PartyName
from charging.errors import (
    CredentialsRefused,
    InvalidObject,
    NotAChargingCompany,
    NotNow,
    PartyNotRegistered,
    PartyTaken,
)
from charging.models import Connection, Party
from charging.queries.ocpi.connection_lookup import with_token
from charging.services.matching.claimants import party_named
from charging.services.ocpi.log import Sent, note
from charging.services.ocpi.peer import Peer, look_up
from ledger.services import audit

GONE = "This token is not known, was used up or was revoked."
SEEN_EVERY = timedelta(minutes=1)  # a write for each request would be one too many
Status = Connection.Status


@transaction.atomic
def invite(
    *,
    organisation: Organisation,
    label: str,
    parties: Sequence[PartyName],
    actor: object,
    now: datetime,
) -> tuple[Connection, str]:
    """A new connection and its token A, which is known only now.

    `parties` are registered for the organisation; it needs one at least.
    Raises: NotAChargingCompany, PartyTaken, PartyNotRegistered.
    """
    if not organisation.roles.filter(role=Role.CHARGING_COMPANY).exists():
        raise NotAChargingCompany(f"{organisation.name} is no charging company.")
    for name in parties:
        _register(organisation, name)
    if not organisation.parties.exists():
        raise PartyNotRegistered(
            f"{organisation.name} has no party in roaming yet. Name it, such as NL*ABC."
        )
    token = secrets.token_urlsafe(32)
    connection = Connection.objects.create(
        organisation=organisation,
        label=label[:100] or organisation.name[:100],
        token_hash=_hash(token),
        invited_at=now,
    )
    _record(connection, "invited", actor, now)
    return connection, token


def connection_of(candidates: Sequence[str], now: datetime) -> tuple[Connection, str]:
    """The connection that one of these tokens opens, and the token that does.

    Raises: CredentialsRefused, in the same words whatever is wrong.
    """
    hashes = {_hash(token): token for token in candidates}
    found = with_token(list(hashes))
    if found is None:
        raise CredentialsRefused(GONE)
    if found.last_seen_at is None or now - found.last_seen_at > SEEN_EVERY:
        Connection.objects.filter(pk=found.pk).update(last_seen_at=now)
    return found, hashes[bytes(found.token_hash or b"")]


def confirm(connection: Connection, now: datetime) -> None:
    """See that credentials taken from memory are still good. Raises: CredentialsRefused."""
    found = with_token([bytes(connection.token_hash or b"")])
    if found is None or (found.pk, found.status) != (connection.pk, connection.status):
        raise CredentialsRefused(GONE)


def connect(*, sent: Sent, credentials: dict[str, Any], rotate: bool) -> str:
    """The handshake: look the other side up, then give it a new token; the old one is dead.

    `rotate` is for a connection that stands (PUT), otherwise it is made (POST).
    Raises: InvalidObject, PartyNotRegistered, NotNow, PeerUnusable, UnsupportedVersion.
    """
    _check_step(sent.connection, rotate=rotate)
    errors = errors_of(check("Credentials", credentials, sent.version))
    if errors:
        raise InvalidObject(in_words(errors))
    roles = [_role(role) for role in credentials["roles"]]
    _check_roles(sent.connection.organisation, roles)
    peer = look_up(credentials["url"], credentials["token"], sent.version)
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        row = Connection.objects.select_for_update().get(pk=sent.connection.pk)
        if bytes(row.token_hash or b"") != bytes(sent.connection.token_hash or b""):
            raise NotNow("These credentials were replaced meanwhile. Use the newer ones.")
        _check_step(row, rotate=rotate)
        row.token_hash = _hash(token)
        row.status, row.version = Status.CONNECTED, sent.version
        row.url, row.roles, row.endpoints = credentials["url"], roles, _endpoints(peer)
        row.connected_at = sent.at
        row.save()
        _record(row, "rotated" if rotate else "connected", row, sent.at)
        note(sent, subject=row.label, keep_body=False)  # it holds the other side's token
    return token


@transaction.atomic
def disconnect(*, sent: Sent) -> None:
    """The other side ends the connection. Raises: NotNow when it does not stand."""
    _check_step(sent.connection, rotate=True)
    _end(sent.connection, sent.connection, sent.at)
    note(sent, subject=sent.connection.label, keep_body=False)


@transaction.atomic
def revoke(*, connection: Connection, actor: object, now: datetime) -> None:
    """The registry ends the connection at once. Twice is as once."""
    _end(connection, actor, now)


def speaks_for(connection: Connection, name: PartyName) -> bool:
    """Whether the other side said that it is this party."""
    return any(
        PartyName.of(role["country_code"], role["party_id"]) == name for role in connection.roles
    )


def _end(connection: Connection, actor: object, now: datetime) -> None:
    live = Connection.objects.filter(pk=connection.pk).exclude(status=Status.REVOKED)
    if live.update(status=Status.REVOKED, token_hash=None, revoked_at=now):
        _record(connection, "revoked", actor, now)


def _check_step(connection: Connection, *, rotate: bool) -> None:
    stands = connection.status == Status.CONNECTED
    if rotate and not stands:
        raise NotNow("This connection is not registered yet. POST the credentials first.")
    if stands and not rotate:
        raise NotNow("This connection is registered already. PUT replaces the credentials.")


def _register(organisation: Organisation, name: PartyName) -> None:
    known = party_named(name)
    if known is not None and known.organisation_id != organisation.pk:
        raise PartyTaken(f"{name} is the party of {known.organisation.name}.")
    if known is None:
        Party.objects.create(
            organisation=organisation, country_code=name.country_code, party_id=name.party_id
        )


def _role(role: dict[str, Any]) -> dict[str, str]:
    return {
        "role": role["role"],
        "country_code": role["country_code"].upper(),
        "party_id": role["party_id"].upper(),
        "name": str(role["business_details"].get("name", ""))[:100],
    }


def _check_roles(organisation: Organisation, roles: Sequence[dict[str, str]]) -> None:
    """Nobody speaks for a party that the registrar did not give to its organisation."""
    own = {PartyName.of(row.country_code, row.party_id) for row in organisation.parties.all()}
    for role in roles:
        name = PartyName(role["country_code"], role["party_id"])
        if name not in own:
            raise PartyNotRegistered(
                f"{name} is not registered for {organisation.name}. Ask the registrar to add it."
            )


def _endpoints(peer: Peer) -> list[dict[str, Any]]:
    return [asdict(endpoint) for endpoint in peer.endpoints]


def _record(connection: Connection, what: str, actor: object, now: datetime) -> None:
    audit.record(
        actor=actor,
        action=f"connection.{what}",
        subject=connection,
        now=now,
        detail={"organisation": connection.organisation.slug, "label": connection.label},
    )


def _hash(token: str) -> bytes:
    """SHA-256: enough for a secret of 256 random bits, unlike for a password."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
