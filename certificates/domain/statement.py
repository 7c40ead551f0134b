"""The cancellation statement: what its document says, as a function of facts.

Its fields are the union of what AIB's EECS cancellation statement, an I-REC redemption
statement and an EnergyTag granular certificate name; docs/statements.md has the table.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from certificates.domain.external.origin import ExternalOrigin
from ledger.domain.token_id import EMISSIONS, RENEWABLE

FORMAT = "cancellation-statement/1"
NOT_TRANSFERABLE = (
    "This statement is not transferable. The certificates it names are used and can neither be "
    "traded nor used again; the statement itself is no certificate."
)
SCHEDULED, UNDONE, NOTHING, PENDING, CERTIFIED = (
    "scheduled",
    "undone",
    "nothing",
    "pending",
    "certified",
)


@dataclass(frozen=True, slots=True)
class Plant:
    """A production device as the statement names it."""

    gsrn: str
    name: str
    organisation: str
    technology_code: str
    technology: str
    energy_source_code: str
    energy_source: str
    capacity_w: int
    commissioned_on: str
    country: str
    area: str
    area_code: str
    support: str
    position: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Line:
    """Wh of one certificate; its numbers are known once certified (first Wh, inclusive).

    `external` is the bundle of another registry that its lot stands for, if it does.
    `lot_mask` is what the lot was issued with, `mask` what was used of it. `generated_by` is
    the number of the plant where the device is storage that gave its energy back.
    """

    code: str
    gsrn: str
    starts_at: datetime
    length_minutes: int
    amount_wh: int
    mask: int
    lot_mask: int
    quality: str
    factor_ug_per_wh: int | None
    factor: str
    issued_at: datetime
    retired_at: datetime
    is_certified: bool
    first_renewable_wh: int | None
    first_emissions_wh: int | None
    external: ExternalOrigin | None = None
    generated_by: str = ""

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.length_minutes)

    @property
    def energy_wh(self) -> int:
        """Wh that count as energy: of a lot whose attributes were parted only one half does."""
        return self.amount_wh if self.mask == self.lot_mask or self.mask & RENEWABLE else 0

    @property
    def emissions_ug(self) -> int:
        return self.amount_wh * (self.factor_ug_per_wh or 0) if self.mask & EMISSIONS else 0


@dataclass(frozen=True, slots=True)
class Deficit:
    """An hour of a plant for which more was used than, after a correction, was generated."""

    gsrn: str
    starts_at: datetime
    affected_wh: int


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a statement is made of. `status` is the act's: scheduled, done, undone, empty."""

    number: str
    url: str
    registry: str
    status: str
    asked_wh: int
    asked_at: datetime
    due_at: datetime
    ended_at: datetime | None
    holder: str
    holder_code: str
    beneficiary_kind: str
    beneficiary: str
    address: str
    country: str
    location: str
    purpose: str
    note: str
    consumption_starts_at: datetime
    consumption_ends_at: datetime
    lines: Sequence[Line]
    plants: Mapping[str, Plant]
    deficits: Sequence[Deficit] = ()

    @property
    def amount_wh(self) -> int:
        return sum(line.energy_wh for line in self.lines)

    @property
    def renewable_wh(self) -> int:
        return sum(line.amount_wh for line in self.lines if line.mask & RENEWABLE)

    @property
    def emissions_ug(self) -> int:
        """Micrograms CO2e of what carries the attribute."""
        return sum(line.emissions_ug for line in self.lines)

    @property
    def deficit_wh(self) -> int:
        return sum(deficit.affected_wh for deficit in self.deficits)

    @property
    def state(self) -> str:
        """Certified only when every line is in a sealed block."""
        if self.status in (SCHEDULED, UNDONE):
            return self.status
        if not self.lines:
            return NOTHING
        return CERTIFIED if all(line.is_certified for line in self.lines) else PENDING


def disclosed_fields(
    *,
    number: str,
    holder: str,
    beneficiary: str,
    country: str,
    purpose: str,
    period: tuple[datetime, datetime],
) -> dict[str, str]:
    """What the chain's commitment to a cancellation binds, as texts."""
    return {
        "statement": number,
        "holder": holder,
        "beneficiary": beneficiary,
        "country": country,
        "purpose": purpose,
        "consumption": f"{_at(period[0])}/{_at(period[1])}",
    }


def totals(lines: Iterable[Line], by: Callable[[Line], Hashable]) -> list[tuple[Any, int]]:
    """Wh of energy by what `by` says of a line, in its order; what counts nothing is left out."""
    sums: dict[Any, int] = {}
    for line in lines:
        sums[by(line)] = sums.get(by(line), 0) + line.energy_wh
    return sorted((key, wh) for key, wh in sums.items() if wh)


def by_origin(line: Line) -> tuple[str, str]:
    """The numbers of the plant that generated it and of the device that gave it out."""
    return line.generated_by or line.gsrn, line.gsrn


def by_hour(line: Line) -> datetime:
    """The UTC hour a line's interval starts in."""
    return line.starts_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def document(facts: Facts) -> dict[str, Any]:
    """The statement as JSON has it: whole Wh and micrograms, instants in UTC."""
    return {
        "format": FORMAT,
        "statement": {
            "number": facts.number,
            "verification_url": facts.url,
            "issued_at": _at(facts.ended_at or facts.asked_at),
            "issuing_body": facts.registry,
            "transferable": False,
            "note": NOT_TRANSFERABLE,
        },
        "state": _state(facts),
        "account_holder": {"name": facts.holder, "account": facts.holder_code},
        **_use(facts),
        "volume": {
            "wh": facts.amount_wh,
            "mwh": mwh(facts.amount_wh),
            "renewable_wh": facts.renewable_wh,
            "emissions_ug_co2e": facts.emissions_ug,
            "certificates": len(facts.lines),
            "face_value_wh": 1,
        },
        **_origin(facts),
        "certificates": [_line(line) for line in facts.lines],
    }


def _state(facts: Facts) -> dict[str, Any]:
    return {
        "now": facts.state,
        "can_be_undone_until": _at(facts.due_at) if facts.state == SCHEDULED else None,
        "asked_wh": facts.asked_wh,
        "deficit_wh": facts.deficit_wh,
        "deficits": [
            {"gsrn": d.gsrn, "starts_at": _at(d.starts_at), "affected_wh": d.affected_wh}
            for d in facts.deficits
        ],
    }


def _use(facts: Facts) -> dict[str, Any]:
    """For whom and for what."""
    return {
        "beneficiary": {
            "type": facts.beneficiary_kind,
            "name": facts.beneficiary,
            "address": facts.address,
            "country": facts.country,
            "location": facts.location,
        },
        "usage": {
            "purpose": facts.purpose,
            "type": "disclosure",
            "note": facts.note,
            "period_start": _at(facts.consumption_starts_at),
            "period_end": _at(facts.consumption_ends_at),
        },
    }


def _origin(facts: Facts) -> dict[str, Any]:
    """When and where the energy was generated, in sums."""
    starts = [line.starts_at for line in facts.lines]
    by_device = totals(facts.lines, lambda line: line.gsrn)
    named = {gsrn for line in facts.lines for gsrn in (line.gsrn, line.generated_by) if gsrn}
    return {
        "production": {
            "period_start": _at(min(starts)) if starts else None,
            "period_end": _at(max(line.ends_at for line in facts.lines)) if starts else None,
        },
        "totals": {
            "hours": [{"starts_at": _at(h), "wh": w} for h, w in totals(facts.lines, by_hour)],
            "devices": [{"gsrn": gsrn, "wh": wh} for gsrn, wh in by_device],
            "countries": [{"country": country, "wh": wh} for country, wh in countries(facts)],
        },
        "devices": [_plant(facts.plants[gsrn]) for gsrn in sorted(named)],
    }


def countries(facts: Facts) -> list[tuple[str, int]]:
    """Wh by the country of production."""
    return totals(facts.lines, lambda line: facts.plants[line.gsrn].country)


def mwh(wh: int) -> str:
    """Such as "1.234567": every Wh is shown."""
    return f"{wh // 1_000_000}.{wh % 1_000_000:06d}"


def _plant(plant: Plant) -> dict[str, Any]:
    return {
        "gsrn": plant.gsrn,
        "name": plant.name,
        "producer": plant.organisation,
        "technology_code": plant.technology_code,
        "technology": plant.technology,
        "energy_source_code": plant.energy_source_code,
        "energy_source": plant.energy_source,
        "energy_carrier": "electricity",
        "capacity_w": plant.capacity_w,
        "operational_date": plant.commissioned_on,
        "country": plant.country,
        "market_zone": plant.area,
        "market_zone_code": plant.area_code,
        "support": plant.support,
        "latitude": plant.position[0] if plant.position else None,
        "longitude": plant.position[1] if plant.position else None,
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "certificate": line.code,
        "gsrn": line.gsrn,
        "from_storage": bool(line.generated_by),
        "generated_by": line.generated_by or None,
        "production_start": _at(line.starts_at),
        "production_end": _at(line.ends_at),
        "wh": line.amount_wh,
        "attributes": [
            name
            for bit, name in ((RENEWABLE, "renewable"), (EMISSIONS, "emissions"))
            if line.mask & bit
        ],
        "renewable_wh_numbers": _numbers(line.first_renewable_wh, line.amount_wh),
        "emissions_wh_numbers": _numbers(line.first_emissions_wh, line.amount_wh),
        "quality": line.quality,
        "emission_factor_ug_per_wh": line.factor_ug_per_wh,
        "emission_factor_source": line.factor,
        "issued_at": _at(line.issued_at),
        "cancelled_at": _at(line.retired_at),
        "certified": line.is_certified,
        "external": asdict(line.external) if line.external else None,
    }


def _numbers(first: int | None, wh: int) -> dict[str, int] | None:
    return None if first is None else {"from": first, "to": first + wh - 1}


def _at(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
