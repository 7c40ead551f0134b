"""Writing sessions and their hours, many at once."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from certificates.models import Area, Organisation
from charging.domain.local_time import to_utc
from charging.domain.session_rows import Charge
from charging.domain.signed_charge import Proof
from charging.domain.split import Charged, Course, Split, split
from charging.models import Session, SessionFile, SessionHour, SessionRow
from charging.services.matching.touching import touch
from charging.services.receipts import open_for
from charging.services.sessions.hours import EVENLY
from charging.services.sessions.row_evidence import keep_proofs
from ledger.models.bulk import insert, reserve_ids

KEY_BYTES = 32
LOOK_UP = 500  # names in one query


@dataclass(frozen=True, slots=True)
class Accepted:
    """A charge that becomes a session, at a charge point in an area.

    `proof` is what its signed meter values came to, if it has any.
    """

    line: int
    charge: Charge
    content: bytes
    evse_id: int
    area: Area
    proof: Proof | None = None

    @property
    def energy_wh(self) -> int:
        """What the meter signed, else what the row states."""
        proof = self.proof
        return self.charge.energy_wh if proof is None or not proof.energy_wh else proof.energy_wh

    @property
    def is_signed(self) -> bool:
        """Whether a meter's signature stands for the energy."""
        return self.proof is not None and self.proof.energy_wh is not None


@dataclass(frozen=True, slots=True)
class Kept:
    """A row that does not become a session, with every reason why."""

    line: int
    status: str
    reasons: list[dict[str, str]]
    raw: str
    proposals: list[dict[str, Any]] = field(default_factory=list)


def write_file(
    *,
    file: SessionFile,
    accepted: Sequence[Accepted],
    kept: Sequence[Kept],
    final: bool,
    now: datetime,
) -> list[int]:
    """Write what a file holds, with first receipts and evidence; returns the sessions' ids.

    Call inside the transaction that made the file's row.
    """
    operator = file.organisation_id
    ids = reserve_ids(Session, len(accepted))
    splits = [_split(item) for item in accepted]
    insert(Session, SESSION_FIELDS, [
        _session(pk, item, parts.method, operator, (file.pk, final))
        for pk, item, parts in zip(ids, accepted, splits, strict=True)
    ])  # fmt: skip
    hours = [
        (pk, to_utc(start), item.area.matching_minutes, wh, parts.method)
        for pk, item, parts in zip(ids, accepted, splits, strict=True)
        for start, wh in parts.parts
    ]
    insert(SessionHour, HOUR_FIELDS, hours)
    touch(operator, {start for _, start, *_ in hours})
    _write_rows(file, kept)
    open_for(session_ids=ids, now=now)
    proven = [
        (pk, item.charge.uid, item.proof)
        for pk, item in zip(ids, accepted, strict=True)
        if item.proof is not None
    ]
    if proven:
        keep_proofs(proven, file.organisation, now)
    return ids


def _write_rows(file: SessionFile, kept: Sequence[Kept]) -> None:
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
    "token_hmac",
    "contract_hmac",
    "file",
    "line",
]
HOUR_FIELDS = ["session", "starts_at", "length_minutes", "energy_wh", "method"]


def _split(item: Accepted) -> Split:
    charge, seconds = item.charge, item.area.matching_minutes * 60
    course = Course(readings=item.proof.points) if item.proof else EVENLY
    return split(Charged(charge.started, charge.ended, item.energy_wh, seconds), course)


def _session(
    pk: int, item: Accepted, timing: str, operator_id: int, file: tuple[int, bool]
) -> tuple[Any, ...]:
    """A session's columns; `file` is its id, and whether its charges are final."""
    charge, evidence = item.charge, Session.EnergyEvidence
    file_id, final = file
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
        item.energy_wh,
        _raw_energy(item)[:40],
        (evidence.SIGNED if item.is_signed else evidence.STATEMENT).value,
        timing,
        final,
        item.content,
        secrets.token_bytes(KEY_BYTES),
        bytes.fromhex(charge.token) or None,
        bytes.fromhex(charge.contract) or None,
        file_id,
        item.line,
    )


def _raw_energy(item: Accepted) -> str:
    if item.proof is None or item.proof.energy_wh is None:
        return item.charge.raw_energy
    return f"{item.proof.exact_wh} Wh, signed"
