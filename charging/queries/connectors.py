"""What is known of the connectors that charges were at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from charging.domain.ocpi.document import read_object
from charging.domain.ocpi.merge import part_of
from charging.models import OcpiObject, Session
from charging.models.sealing import unseal

PHASES = {"AC_3_PHASE": 3, "AC_2_PHASE": 2, "AC_2_PHASE_SPLIT": 2}


@dataclass(frozen=True, slots=True)
class Connector:
    """Its largest power in W, where known, and the zone of the tariffs' clock."""

    max_power_w: int | None
    time_zone: str


def connectors_of(sessions: Sequence[Session]) -> dict[int, Connector]:
    """By session, its connector as the operator's OCPI location has it, else as it is known here.

    The sessions come with their charge point, its site and their area.
    """
    sites = _sites(sessions)
    return {session.pk: _connector(session, sites.get(_site(session), {})) for session in sessions}


def _connector(session: Session, location: dict[str, Any]) -> Connector:
    evse = part_of(location.get("evses"), "uid", session.evse.uid) or {}
    connector = part_of(evse.get("connectors"), "id", session.connector)
    power = _power(connector) if connector else None
    return Connector(
        max_power_w=power or session.evse.power_w,
        time_zone=location.get("time_zone") or session.area.timezone,
    )


def _site(session: Session) -> tuple[int | None, str]:
    return session.evse.location.party_id, session.evse.location.uid.upper()


def _sites(sessions: Sequence[Session]) -> dict[tuple[int | None, str], dict[str, Any]]:
    """The OCPI locations of these sessions, by party and id in capitals."""
    wanted = {_site(session) for session in sessions} - {(None, "")}
    rows = OcpiObject.objects.filter(
        party__in={party for party, _ in wanted},
        module=OcpiObject.Module.LOCATIONS,
        uid__in={uid for _, uid in wanted},
    )
    return {(row.party_id, row.uid): read_object(unseal(row.body)) for row in rows}


def _power(connector: dict[str, Any]) -> int | None:
    """Stated, or voltage (to neutral) times current times phases, as OCPI defines them."""
    if connector.get("max_electric_power"):
        return int(connector["max_electric_power"])
    volts, amperes = connector.get("max_voltage"), connector.get("max_amperage")
    if not volts or not amperes:
        return None
    return int(volts * amperes * PHASES.get(connector.get("power_type", ""), 1))
