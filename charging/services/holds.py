"""What was held in a file is decided by a person: taken with a repair, or left out."""

from datetime import datetime
from typing import Any

from django.db import transaction

from certificates.models import Area, Organisation
from charging.domain import repairs
from charging.domain.consumption import content_hash
from charging.domain.local_time import to_utc
from charging.domain.profiles import MAPPED, PROFILES
from charging.domain.session_rows import Charge
from charging.errors import DecisionRefused, UnknownArea
from charging.models import Session, SessionRow
from charging.queries.areas import Areas
from charging.services.corrections import Correction, correct_session
from charging.services.locations import Sites
from charging.services.receipts import open_for
from charging.services.session_records import (
    Accepted,
    charges_by_ocpi,
    charges_by_place,
    known_charges,
    place_of,
    write_file,
)
from ledger.services import audit

LEFT_OUT = "left_out"
WHY_CORRECTED = "The operator sent the charge again, corrected."


@transaction.atomic
def approve(
    *,
    organisation: Organisation,
    row_id: int,
    choice: int,
    actor: Any,
    now: datetime,
    area_code: str = "",
) -> SessionRow:
    """Take a held row as one of its proposals says; it becomes a session, or corrects one.

    `choice` counts the proposals from 0; `area_code` is needed where the area is unknown.
    Twice is as once. Raises: DecisionRefused, UnknownArea, UnknownSession.
    """
    row = _locked(organisation, row_id)
    proposal = _chosen(row, choice)
    decision = f"{proposal['kind']}:{choice}"
    if row.status == SessionRow.Status.REPAIRED and row.decision == decision:
        return row
    _check_open(row)
    charge = Charge(**proposal["charge"])
    if charge.ended > now.timestamp():
        raise DecisionRefused("This charge would not be over yet. Decide when it is.")
    if proposal["kind"] == repairs.CORRECT:
        row.session = _correct(organisation, charge, actor, now)
    else:
        row.session_id = _create(row, charge, proposal["kind"], area_code, now)
    return _decided(row, SessionRow.Status.REPAIRED, decision, actor, now)


@transaction.atomic
def leave_out(*, organisation: Organisation, row_id: int, actor: Any, now: datetime) -> SessionRow:
    """Reject a held row; it stays visible with its reasons. Twice is as once.

    Raises: DecisionRefused.
    """
    row = _locked(organisation, row_id)
    if row.decision == LEFT_OUT:
        return row
    _check_open(row)
    row.reasons = [
        *row.reasons,
        {"field": "", "value": "", "reason": "A person decided to leave it out."},
    ]
    return _decided(row, SessionRow.Status.REJECTED, LEFT_OUT, actor, now)


def _locked(organisation: Organisation, row_id: int) -> SessionRow:
    """The row, one act on the company's charges at a time. Raises: DecisionRefused."""
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    rows = SessionRow.objects.select_related("file__organisation")
    row = rows.filter(pk=row_id, file__organisation=organisation).first()
    if row is None:
        raise DecisionRefused("You have no such row. It may belong to another company.")
    return row


def _check_open(row: SessionRow) -> None:
    if row.status != SessionRow.Status.HELD:
        raise DecisionRefused(f"Line {row.line} of {row.file.name} was decided before.")


def _chosen(row: SessionRow, choice: int) -> dict[str, Any]:
    if not 0 <= choice < len(row.proposals):
        raise DecisionRefused(f"Line {row.line} has no such proposal. Choose one that it shows.")
    return dict(row.proposals[choice])


def _correct(organisation: Organisation, charge: Charge, actor: Any, now: datetime) -> Session:
    session = Session.objects.filter(
        operator=organisation,
        country_code="",
        party_id="",
        uid__iexact=charge.uid,
        voided_at__isnull=True,
    ).first()
    if session is None:
        raise DecisionRefused(f"No charge {charge.uid} stands any more that could be corrected.")
    correction = Correction(
        started_at=to_utc(charge.started),
        ended_at=to_utc(charge.ended),
        energy_wh=charge.energy_wh,
        raw_energy=charge.raw_energy,
        words=WHY_CORRECTED,
    )
    return correct_session(session=session, correction=correction, actor=actor, now=now)


def _create(row: SessionRow, charge: Charge, kind: str, area_code: str, now: datetime) -> int:
    """Make the session of a repaired row. Raises: DecisionRefused, UnknownArea."""
    organisation = row.file.organisation
    if charge.uid.upper() in known_charges(organisation):
        raise DecisionRefused(
            f"A charge {charge.uid} is known by now. Leave this row out, or correct that charge."
        )
    if (charge.charger.upper(), charge.started) in charges_by_ocpi(organisation):
        raise DecisionRefused("This charge came by OCPI already. Leave this row out.")
    if kind != repairs.OWN and place_of(charge) in charges_by_place(organisation):
        raise DecisionRefused("A charge of the same times and energy is known. Leave it out.")
    sites = Sites(organisation, country=_country(row))
    area = _area(row, charge, sites, area_code)
    evse = sites.evse(charge.site, charge.charger, charge.model, area)
    content = content_hash(charge.ended, charge.energy_wh, charge.site)
    accepted = Accepted(row.line, charge, content, evse.pk, area)
    final = bool(row.file.options.get("final"))
    ids = write_file(file=row.file, accepted=[accepted], kept=[], final=final)
    open_for(session_ids=ids, now=now)
    return ids[0]


def _country(row: SessionRow) -> str:
    if row.file.profile == MAPPED:
        return str(row.file.options.get("mapping", {}).get("country", ""))
    profile = PROFILES.get(row.file.profile)
    return profile.country if profile else ""


def _area(row: SessionRow, charge: Charge, sites: Sites, code: str) -> Area:
    """The chosen area, else the file's, the site's, or its country's only one then."""
    areas, at = Areas(), to_utc(charge.started)
    code = code or row.file.options.get("area", "")
    if code:
        areas.check_code(code)
        area = areas.by_code(code, at)
    else:
        location = sites.find(charge.site)
        area = location.area or (
            areas.only_one_of(location.country, at) if location.country else None
        )
    if area is None:
        raise UnknownArea("The bidding area is unknown. Choose the one that the site lies in.")
    return area


def _decided(
    row: SessionRow, status: SessionRow.Status, decision: str, actor: Any, now: datetime
) -> SessionRow:
    row.status, row.decision, row.decided_at = status, decision, now
    row.decided_by = actor if getattr(actor, "is_authenticated", False) else None
    row.save()
    audit.record(
        actor=actor,
        action="session_row.decided",
        subject=row,
        now=now,
        detail={
            "file": row.file.key,
            "line": row.line,
            "decision": decision,
            "session": row.session_id,
        },
    )
    return row
