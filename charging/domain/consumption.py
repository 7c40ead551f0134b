"""The identity of one charge, and what a retirement for it commits to."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

INTERVAL = "interval"  # the name under which a retirement's own salt is made
FIELD_NAMES = (
    "charge",
    "claimant",
    "ended_at",
    "energy_wh",
    "evidence",
    "evse",
    "operator",
    "started_at",
)


@dataclass(frozen=True, slots=True)
class Consumption:
    """One charge as far as its retirements speak of it. Instants aware UTC, whole Wh."""

    key: str
    claimant: str
    operator: str
    evse: str
    started_at: datetime
    ended_at: datetime
    energy_wh: int
    evidence: str


def consumption_key(operator: str, country_code: str, party_id: str, uid: str) -> str:
    """A charge's natural key, the same in any case: the operator's slug, party and id."""
    return "*".join((operator, country_code.upper(), party_id.upper(), uid.upper()))


def retirement_key(consumption: str, interval: datetime, code: str, round_: int) -> str:
    """`retire:{consumption}:{interval}:{token id}:{round}`."""
    return f"retire:{consumption}:{interval:%Y%m%dT%H%MZ}:{code}:{round_}"


def content_hash(ended: int, energy_wh: int, site: str) -> bytes:
    """SHA-256 over what may not differ between two rows of one charge."""
    return hashlib.sha256(f"{ended}|{energy_wh}|{site}".encode()).digest()


def disclosed_fields(charge: Consumption) -> Mapping[str, str]:
    """The fields a driver may disclose one by one; each gets a salt of its own."""
    return {
        "charge": charge.key,
        "claimant": charge.claimant,
        "ended_at": _stamp(charge.ended_at),
        "energy_wh": str(charge.energy_wh),
        "evidence": charge.evidence,
        "evse": charge.evse,
        "operator": charge.operator,
        "started_at": _stamp(charge.started_at),
    }


def interval_text(interval: datetime, length_minutes: int) -> str:
    """An interval of use as a commitment has it: ISO 8601, start and length."""
    return f"{_stamp(interval)}/PT{length_minutes}M"


def _stamp(instant: datetime) -> str:
    return instant.replace(tzinfo=None).isoformat("T", "seconds") + "Z"
