"""The columns of EnergyTag's certificate file, and a line of it as this registry understands it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from certificates.domain.external.provenance import IS_CONVERTED, IS_STORAGE

# The 25 columns in the order of the registry template that goes with EnergyTag's standard.
COLUMNS = (
    "issuance_id",
    "bundle_quantity",
    "certificate_bundle_id_range_start",
    "certificate_bundle_id_range_end",
    "energy_carrier",
    "energy_source",
    "face_value",
    "issuance_post_energy_carrier_conversion",
    "emissions_factor_production_device",
    "emissions_factor_source",
    "production_starting_interval",
    "production_ending_interval",
    "local_timezone",
    "expiry_datestamp",
    "is_storage",
    "storage_efficiency_factor",
    "country_of_issuance",
    "connected_grid_identification",
    "issuing_body",
    "legal_status",
    "issuance_purpose",
    "support_received",
    "quality_scheme_reference",
    "dissemination_level",
    "issue_market_zone",
)
REQUIRED = (
    "issuance_id",
    "bundle_quantity",
    "certificate_bundle_id_range_start",
    "certificate_bundle_id_range_end",
    "energy_carrier",
    "energy_source",
    "face_value",
    "production_starting_interval",
    "production_ending_interval",
)
# A line that can be read, for people who fill in the file by hand.
SAMPLE = {
    "issuance_id": "GC-7-2018-03-01-00",
    "bundle_quantity": "1520118",
    "certificate_bundle_id_range_start": "4000000",
    "certificate_bundle_id_range_end": "5520117",
    "energy_carrier": "electricity",
    "energy_source": "wind",
    "face_value": "1",
    "issuance_post_energy_carrier_conversion": "FALSE",
    "emissions_factor_production_device": "11.5",
    "emissions_factor_source": "Lifecycle study, 2017",
    "production_starting_interval": "2018-03-01T00:00:00Z",
    "production_ending_interval": "2018-03-01T01:00:00Z",
    "local_timezone": "Europe/Copenhagen",
    "expiry_datestamp": "2030-03-01",
    "is_storage": "FALSE",
    "country_of_issuance": "Denmark",
    "issuing_body": "Name of the issuing body",
    "issue_market_zone": "DK1",
}
# What is kept with a range as it stood in the file, because a statement or an auditor asks for it.
KEPT = (
    "energy_source",
    "emissions_factor_production_device",
    "emissions_factor_source",
    "local_timezone",
    "country_of_issuance",
    "connected_grid_identification",
    "issuing_body",
    "legal_status",
    "issuance_purpose",
    "support_received",
    "quality_scheme_reference",
    "dissemination_level",
    "issue_market_zone",
)


@dataclass(frozen=True, slots=True)
class ExternalLine:
    """A bundle: serials [first_serial, last_serial] of one interval, and the Wh they stand for.

    `start` is in minutes since 1970-01-01T00:00Z, `length` in minutes. `expires` likewise, None
    where the file states no end. `factor_ug_per_wh`: micrograms CO2e per Wh, None where none is
    stated. `facts` are other columns as they stood.
    """

    line: int
    issuance_id: str
    first_serial: int
    last_serial: int
    amount_wh: int
    start: int
    length: int
    energy_source: str
    factor_ug_per_wh: int | None = None
    expires: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_stored(self) -> bool:
        """Whether storage gave the energy back."""
        return IS_STORAGE in self.facts

    @property
    def is_converted(self) -> bool:
        """Whether the energy was another carrier before."""
        return IS_CONVERTED in self.facts

    @property
    def end(self) -> int:
        return self.start + self.length
