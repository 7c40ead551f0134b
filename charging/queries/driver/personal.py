"""Everything the registry keeps about a driver, and the charges of a statement."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from certificates.models import User
from charging.models import ProvenToken, Receipt, SessionClaim, TokenChallenge
from charging.queries.links import receipt_link
from ledger.models import AuditEvent


def personal_data(driver: User, now: datetime) -> Mapping[str, Any]:
    """All personal data of an account as plain values, for a file (GDPR articles 15 and 20)."""
    claims = (
        SessionClaim.objects.filter(driver=driver)
        .select_related("session__operator", "session__claimant", "session__evse__location")
        .order_by("session__started_at", "pk")
    )
    receipts: dict[int, list[Receipt]] = {}
    for receipt in Receipt.objects.filter(session__claim__driver=driver).order_by("version"):
        receipts.setdefault(receipt.session_id, []).append(receipt)
    announced = (
        TokenChallenge.objects.filter(driver=driver)
        .select_related("operator", "location", "evse", "session")
        .order_by("opened_at", "pk")
    )
    cards = ProvenToken.objects.filter(driver=driver).order_by("proven_at", "pk")
    log = AuditEvent.objects.filter(actor=f"driver {driver.pk}").order_by("pk")
    return {
        "exported_at": now,
        "account": {
            "email": driver.email,
            "first_name": driver.first_name,
            "last_name": driver.last_name,
            "joined_at": driver.date_joined,
            "last_log_in_at": driver.last_login,
        },
        "charges": [_charge(claim, receipts.get(claim.session_id, [])) for claim in claims],
        "announced_charges": [_announced(one) for one in announced],
        "cards": list(cards.values("operator__name", "proven_at", "contested_at")),
        "log": [{"at": one.at, "action": one.action, "subject": one.subject} for one in log],
    }


def _announced(challenge: TokenChallenge) -> dict[str, Any]:
    return {
        "operator": challenge.operator.name,
        "site": challenge.location.name if challenge.location else "",
        "charge_point": challenge.evse.uid if challenge.evse else "",
        "opened_at": challenge.opened_at,
        "expires_at": challenge.expires_at,
        "status": challenge.status,
        "decided_at": challenge.decided_at,
        "charge": challenge.session.uid if challenge.session else "",
    }


def _charge(claim: SessionClaim, receipts: list[Receipt]) -> dict[str, Any]:
    session = claim.session
    hours = session.hours.order_by("starts_at")
    return {
        "id": session.uid,
        "operator": session.operator.name,
        "claimant": session.claimant.name,
        "site": session.evse.location.name,
        "charge_point": session.evse.uid,
        "connector": session.connector,
        "started_at": session.started_at,
        "ended_at": session.ended_at,
        "energy_wh": session.energy_wh,
        "hours": list(hours.values("starts_at", "length_minutes", "energy_wh", "method")),
        "kept_since": claim.claimed_at,
        "note": claim.note,
        "receipts": [
            {
                "link": receipt_link(receipt.public_id),
                "version": receipt.version,
                "reason": receipt.reason,
                "opened_at": receipt.opened_at,
                "link_revoked_at": receipt.link_revoked_at,
            }
            for receipt in receipts
        ],
    }
