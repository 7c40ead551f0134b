"""What is known when a CDR comes, in one statement.

Written by hand: this runs for every CDR, and building a query takes ten times as long as
running it.
"""

from dataclasses import dataclass

from django.db import connection

from charging.domain.party import PartyName
from charging.models import Cdr, Connection
from ledger.models.once import ask

STATEMENT = """
SELECT p.id, p.organisation_id, p.country_code, p.party_id,
       EXISTS (SELECT 1 FROM charging_claimdelegation d WHERE d.operator_id = p.organisation_id),
       c.uid, c.content_hash, c.hold
FROM charging_party p
LEFT JOIN charging_cdr c ON c.party_id = p.id AND UPPER(c.uid) = %s
WHERE LOWER(p.country_code) = %s AND LOWER(p.party_id) = %s
"""
# What must still be so for a CDR that is kept by what was remembered of its sender and its
# operator; gives the CDR that came before under its id. In the same order as `still` gives it.
STILL = """
SELECT c.uid, c.content_hash, c.hold
FROM charging_connection o
JOIN charging_party p ON p.organisation_id = o.organisation_id
LEFT JOIN charging_cdr c ON c.party_id = p.id AND UPPER(c.uid) = %s
WHERE o.id = %s AND o.token_hash = %s AND p.id = %s AND p.country_code = %s AND p.party_id = %s
  AND NOT EXISTS (SELECT 1 FROM charging_claimdelegation d WHERE d.operator_id = p.organisation_id)
"""
# Every id is at least empty: said so that SQLite, too, takes the small index of held CDRs.
TO_PLACE = f"party_id = %s AND session_uid >= '' AND status = 'held' AND hold = '{Cdr.TO_PLACE}'"
LISTED = f"SELECT id FROM charging_cdr WHERE {TO_PLACE} AND id > %s ORDER BY id LIMIT %s"  # noqa: S608
WHOSE = f"""
SELECT id FROM charging_party p WHERE EXISTS
    (SELECT 1 FROM charging_cdr WHERE {TO_PLACE.replace("%s", "p.id")}) ORDER BY id
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Earlier:
    """The CDR that has this id already: its spelling, what it says, and why it is held."""

    uid: str
    content_hash: bytes
    hold: str


@dataclass(frozen=True, slots=True)
class Known:
    """The operator as it is registered, and the CDR that came before under this id.

    `delegates`: whether it ever left a claim to anyone.
    """

    party_id: int
    organisation_id: int
    name: PartyName
    delegates: bool
    earlier: Earlier | None


def look_up(name: PartyName, uid: str) -> Known | None:
    """What is known of a CDR by its operator and id, in any case; None without the operator."""
    row = ask(STATEMENT, [uid.upper(), name.country_code.lower(), name.party_id.lower()])
    if row is None:
        return None
    party, organisation, country, code, delegates, earlier, content, hold = row
    return Known(
        party_id=party,
        organisation_id=organisation,
        name=PartyName(country, code),
        delegates=bool(delegates),
        earlier=earlier_of(earlier, content, hold),
    )


def still(known: Known, uid: str, sender: Connection) -> list[object]:
    """The parameters of `STILL`, for an operator that sends its own CDRs and claims them all."""
    name = known.name
    return [
        uid.upper(),
        sender.pk,
        bytes(sender.token_hash or b""),
        known.party_id,
        name.country_code,
        name.party_id,
    ]


def earlier_of(uid: str | None, content: bytes | memoryview, hold: str) -> Earlier | None:
    """What a row of `STILL` says of the CDR that came before, None without one."""
    return None if uid is None else Earlier(uid, bytes(content), hold)


def to_place(party_id: int, after: int, most: int) -> list[int]:
    """Ids above `after` of a party's CDRs whose charge was not looked up yet, the oldest first."""
    return _ids(LISTED, [party_id, after, most])


def parties_to_place() -> list[int]:
    """Ids of the parties that have any."""
    return _ids(WHOSE, [])


def _ids(statement: str, parameters: list[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [row[0] for row in cursor.fetchall()]
