"""What is known of the connector that a charge was at."""

from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Upper

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


def connector_of(session: Session) -> Connector:
    """The connector as its operator's OCPI location has it, else as the registry knows it."""
    location = _location(session)
    evse = part_of(location.get("evses"), "uid", session.evse.uid) or {}
    connector = part_of(evse.get("connectors"), "id", session.connector)
    power = _power(connector) if connector else None
    return Connector(
        max_power_w=power or session.evse.power_w,
        time_zone=location.get("time_zone") or session.area.timezone,
    )


def _location(session: Session) -> dict[str, Any]:
    site = session.evse.location
    if site.party_id is None:
        return {}
    rows = OcpiObject.objects.alias(name=Upper("uid")).filter(
        party=site.party_id, module=OcpiObject.Module.LOCATIONS, name=site.uid.upper()
    )
    row = rows.first()
    return read_object(unseal(row.body)) if row else {}


def _power(connector: dict[str, Any]) -> int | None:
    """Stated, or voltage (to neutral) times current times phases, as OCPI defines them."""
    if connector.get("max_electric_power"):
        return int(connector["max_electric_power"])
    volts, amperes = connector.get("max_voltage"), connector.get("max_amperage")
    if not volts or not amperes:
        return None
    return int(volts * amperes * PHASES.get(connector.get("power_type", ""), 1))
