"""Tables that come with the registry: bidding zones and emission factors.

Zones: European bidding zones with their EIC codes (ENTSO-E's list as kept by entsoe-py),
with the splits that fall into the time of the data. Factors: medians of IPCC AR5 (2014),
WGIII annex III, table A.III.2, lifecycle g CO2e/kWh. One source for all technologies,
fossil ones included, so that plants compare with each other and with the grid's hourly
figure, which is built from the same medians.
"""

import csv
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

FACTOR_SOURCE = "IPCC AR5 WGIII annex III, table A.III.2, median"
FACTOR_YEAR = 2014
MILLIGRAMS_IN_GRAM = 1000


@dataclass(frozen=True, slots=True)
class Zone:
    """A bidding zone while it was in force."""

    code: str
    name: str
    country: str
    timezone: str
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class Factor:
    """Micrograms CO2e per Wh of a technology and energy source."""

    technology_code: str
    energy_source_code: str
    emissions_ug_per_wh: int


def zones() -> list[Zone]:
    """European bidding zones."""
    return [
        Zone(
            code=row["code"],
            name=row["name"],
            country=row["country"],
            timezone=row["timezone"],
            valid_from=datetime.fromisoformat(row["valid_from"]),
            valid_to=datetime.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        )
        for row in _read("bidding_zones.csv")
    ]


def factors() -> list[Factor]:
    """Lifecycle factors; a code that ends in zeros stands for all below it."""
    return [
        Factor(
            row["technology_code"],
            row["energy_source_code"],
            int(row["g_per_kwh"]) * MILLIGRAMS_IN_GRAM,
        )
        for row in _read("emission_factors.csv")
    ]


def _read(name: str) -> list[dict[str, str]]:
    text = (files("certificates.domain") / "data" / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
