"""Writing sessions and their hours, many at once."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from certificates.models import Area, Organisation
from charging.domain.local_time import to_seconds, to_utc
from charging.domain.session_rows import Charge
from charging.domain.split import split_evenly
from charging.models import Session, SessionFile, SessionHour, SessionRow
from charging.services.touching import touch
from ledger.models.bulk import insert, reserve_ids

KEY_BYTES = 32
LOOK_UP = 500  # names in one query


@dataclass(frozen=True, slots=True)
class Accepted:
    """A charge that becomes a session, at a charge point in an area."""

    line: int
    charge: Charge
    content: bytes
    evse_id: int
    area: Area


@dataclass(frozen=True, slots=True)
class Kept:
    """A row that does not become a session, with every reason why."""

    line: int
    status: str
    reasons: list[dict[str, str]]
    raw: str
    proposals: list[dict[str, Any]] = field(default_factory=list)


def known_charges(operator: Organisation) -> dict[str, bytes]:
    """Content hashes of an operator's sessions from files, by id."""
    rows = Session.objects.filter(
        operator=operator, country_code="", party_id="", voided_at__isnull=True
    )
    return {
        uid.upper(): bytes(content)
        for uid, content in rows.values_list("uid", "content_hash").iterator(chunk_size=10_000)
    }


Place = tuple[str, str, int, int, int]


def place_of(charge: Charge) -> Place:
    """What two rows of one charge have in common whatever their ids."""
    connector = charge.connector.upper()[:36]
    return charge.charger.upper(), connector, charge.started, charge.ended, charge.energy_wh


def charges_by_place(operator: Organisation) -> dict[Place, str]:
    """The ids of an operator's charges by charge point, connector, times and energy."""
    rows = Session.objects.filter(operator=operator, voided_at__isnull=True)
    columns = ("evse__uid", "connector", "started_at", "ended_at", "energy_wh", "uid")
    return {
        (evse.upper(), connector.upper(), to_seconds(start), to_seconds(end), wh): uid
        for evse, connector, start, end, wh, uid in rows.values_list(*columns).iterator(
            chunk_size=10_000
        )
    }


def charges_by_ocpi(operator: Organisation) -> set[tuple[str, int]]:
    """(charge point in capitals, start) of an operator's charges that came by OCPI."""
    rows = Session.objects.filter(operator=operator).exclude(country_code="")
    return {
        (evse.upper(), to_seconds(start))
        for evse, start in rows.values_list("evse__uid", "started_at").iterator(chunk_size=10_000)
    }


def write_file(
    *, file: SessionFile, accepted: Sequence[Accepted], kept: Sequence[Kept], final: bool
) -> list[int]:
    """Write what a file holds; returns the new sessions' ids.

    Call inside the transaction that made the file's row.
    """
    operator = file.organisation_id
    ids = reserve_ids(Session, len(accepted))
    insert(Session, SESSION_FIELDS, [
        _session(pk, item, operator, file.pk, final)
        for pk, item in zip(ids, accepted, strict=True)
    ])  # fmt: skip
    hours = [row for pk, item in zip(ids, accepted, strict=True) for row in _hours(pk, item)]
    insert(SessionHour, HOUR_FIELDS, hours)
    touch(operator, {row[1] for row in hours})
    insert(
        SessionRow,
        ["file", "line", "status", "reasons", "raw", "proposals"],
        [
            (
                file.pk,
                row.line,
                str(row.status),
                json.dumps(row.reasons),
                row.raw,
                json.dumps(row.proposals),
            )
            for row in kept
        ],
    )
    return ids


def declare_final(*, operator: Organisation, uids: Sequence[str]) -> None:
    """Sessions that a file repeats and declares final become so."""
    for start in range(0, len(uids), LOOK_UP):
        rows = Session.objects.filter(
            operator=operator,
            country_code="",
            party_id="",
            uid__in=uids[start : start + LOOK_UP],
            final=False,
        )
        hours = SessionHour.objects.filter(session__in=rows)
        touch(operator.pk, set(hours.values_list("starts_at", flat=True)))
        rows.update(final=True)


SESSION_FIELDS = [
    "id",
    "operator",
    "claimant",
    "country_code",
    "party_id",
    "uid",
    "evse",
    "connector",
    "area",
    "started_at",
    "ended_at",
    "energy_wh",
    "raw_energy",
    "energy_evidence",
    "timing_evidence",
    "final",
    "content_hash",
    "disclosure_key",
    "file",
    "line",
]
HOUR_FIELDS = ["session", "starts_at", "length_minutes", "energy_wh", "method"]


def _session(
    pk: int, item: Accepted, operator_id: int, file_id: int, final: bool
) -> tuple[Any, ...]:
    charge = item.charge
    return (
        pk,
        operator_id,
        operator_id,
        "",
        "",
        charge.uid,
        item.evse_id,
        charge.connector[:36],
        item.area.pk,
        to_utc(charge.started),
        to_utc(charge.ended),
        charge.energy_wh,
        charge.raw_energy[:40],
        Session.EnergyEvidence.STATEMENT.value,
        Session.TimingEvidence.UNIFORM.value,
        final,
        item.content,
        secrets.token_bytes(KEY_BYTES),
        file_id,
        item.line,
    )


def _hours(pk: int, item: Accepted) -> list[tuple[Any, ...]]:
    charge, minutes = item.charge, item.area.matching_minutes
    return [
        (pk, to_utc(start), minutes, wh, Session.TimingEvidence.UNIFORM.value)
        for start, wh in split_evenly(charge.started, charge.ended, charge.energy_wh, minutes * 60)
    ]
