"""What a receipt says: plain facts, ready to be drawn.

Energy in whole Wh, emissions in whole micrograms CO2e, instants aware UTC. Nothing here is
rounded; pages round once, on display.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from charging.domain.charge_cost import ChargeCost
from charging.domain.emissions import Factor, FactorKind
from charging.queries.receipts.deficits import DeficitFacts
from charging.queries.receipts.void import VoidFacts


class ReceiptState(StrEnum):
    """Where a receipt stands. All but `WAITING` and `PENDING` are final."""

    WAITING = "waiting"  # an hour of the charge is not closed yet
    PENDING = "pending"  # matched in the book, not yet in a sealed block
    CERTIFIED = "certified"
    CLOSED_WITHOUT_CERTIFICATES = "closed_without_certificates"
    SUPERSEDED = "superseded"
    VOIDED = "voided"  # the claim was taken back; what was retired stays retired


class HourState(StrEnum):
    """Where one hour of a charge stands."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class AllocationFacts:
    """Generation matched to one hour of the charge: one retirement.

    `first_renewable_wh` and `first_emissions_wh` are the device's Wh numbers at which the
    retired stretch starts, `None` until certified or where that attribute was not retired.
    `certificate_numbers` are the device's MWh numbers that the stretch touches (first to
    last, both included), `None` until known. `state` is pending, submitted, certified, or
    failed or undone with a `reason`, or superseded when the claim was taken back.
    `allocation_id` and `lot_code` lead on to the registry's own pages.
    """

    allocation_id: int
    device_name: str
    gsrn: str
    technology: str
    energy_source: str
    amount_wh: int
    renewable: bool
    carbon_free: bool
    factor_ug_per_wh: int | None
    factor_source: str
    first_renewable_wh: int | None
    first_emissions_wh: int | None
    certificate_numbers: tuple[int, int] | None
    lot_code: str
    block_height: int | None
    state: str
    quality: str
    reason: str = ""
    factor: Factor | None = None

    @property
    def first_wh(self) -> int | None:
        """The first Wh number to print: of the renewable attribute where it was retired."""
        if self.first_renewable_wh is not None:
            return self.first_renewable_wh
        return self.first_emissions_wh

    @property
    def last_wh(self) -> int | None:
        """The last Wh number of the stretch, itself included."""
        return None if self.first_wh is None else self.first_wh + self.amount_wh - 1


@dataclass(frozen=True, slots=True)
class HourFacts:
    """One matching interval of the charge, and what was generated for it.

    `fallen` was matched too, but undone or refused before it was sealed: it does not count.
    `provisional_wh` is the renewable generation that an open hour would get besides if it
    closed now; nothing of it is booked and no total counts it.
    """

    starts_at: datetime
    length_minutes: int
    energy_wh: int
    renewable_wh: int
    carbon_free_wh: int
    tracked_wh: int
    grid_ug_per_wh: int | None
    grid_estimated: bool
    allocations: tuple[AllocationFacts, ...]
    state: HourState = HourState.CLOSED
    why_unmatched: str = ""
    fallen: tuple[AllocationFacts, ...] = ()
    provisional_wh: int = 0

    @property
    def unmatched_wh(self) -> int:
        """Wh of this hour for which no generation was retired."""
        return self.energy_wh - self.tracked_wh


@dataclass(frozen=True, slots=True)
class PlantFacts:
    """A plant that supplied this charge. `distance_km` is along a great circle."""

    name: str
    gsrn: str
    gsrn_note: str
    technology: str
    energy_source: str
    latitude: Decimal | None
    longitude: Decimal | None
    distance_km: int | None
    amount_wh: int


@dataclass(frozen=True, slots=True)
class ChargeFacts:
    """When, where and how much."""

    uid: str
    started_at: datetime
    ended_at: datetime
    energy_wh: int
    location_name: str
    latitude: Decimal | None
    longitude: Decimal | None
    evse: str
    connector: str
    operator_name: str
    claimant_name: str
    timezone: str
    area_name: str


@dataclass(frozen=True, slots=True)
class ComparatorFacts:
    """A reference figure used, with its source."""

    key: str
    label: str
    value: Decimal
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class FactorFacts:
    """Wh that count at one kind of factor; `ug_per_wh` is `None` where it differs by hour."""

    kind: FactorKind
    amount_wh: int
    emissions_ug: int
    ug_per_wh: int | None
    scope: str
    gas: str
    source: str
    year: int | None
    version: int


@dataclass(frozen=True, slots=True)
class EmissionFacts:
    """The charge's emissions beside the grid's and petrol's, micrograms CO2e.

    `charge_ug` (market-based) counts matched Wh at their lot's factor and the rest at the
    residual mix where there is one that counts the same, otherwise at the grid's average of
    their hour; `grid_ug` (location-based) counts every Wh at the grid's average. Both are
    `None` when a needed figure is missing. `petrol_ug` is the same distance on petrol, well
    to wheel. `used` names every factor of `charge_ug` with the Wh that it counts; the
    averages of single hours are one line. `passed_over` is a published residual mix that
    counts something else, and is not added. `marginal` is what the same Wh more on the grid
    would have emitted, a line for each source, empty unless every hour has a figure; it is
    beside all of these and in none. Where factors `differ` in scope or gas their figures are not
    added, and the total is `None`.
    """

    charge_ug: int | None
    grid_ug: int | None
    petrol_ug: int
    distance_km: Decimal
    grid_source: str
    grid_estimated: bool
    comparators: tuple[ComparatorFacts, ...]
    used: tuple[FactorFacts, ...] = ()
    passed_over: Factor | None = None
    marginal: tuple[FactorFacts, ...] = ()
    differ: bool = False


@dataclass(frozen=True, slots=True)
class EvidenceFacts:
    """How sure the statement is: the grade A to D is the worst of three, each in words."""

    grade: str
    summary: str
    energy: str
    timing: str
    generation: str


@dataclass(frozen=True, slots=True)
class OtherHour:
    """An hour near the charge with more generation left over, or a cleaner grid."""

    starts_at: datetime
    spare_wh: int
    grid_ug_per_wh: int | None


@dataclass(frozen=True, slots=True)
class BlockFacts:
    """A sealed block that holds retirements of this charge, seen by some of the witnesses."""

    height: int
    block_hash: str
    sealed_at: datetime
    batch_sequences: tuple[int, ...]
    seen_by: int = 0
    witnesses: int = 0


@dataclass(frozen=True, slots=True)
class VersionLink:
    """Another version of the same receipt."""

    version: int
    public_id: str
    reason: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """One version of a receipt beside the others.

    `energy_wh` is what its record of the charge says it took, and `claimed_wh` what was
    retired for it there, whether the claim stands or `is_void`; both are `None` where a later
    version speaks for the same record. `public_id` is empty when its link is revoked.
    """

    version: int
    public_id: str
    reason: str
    opened_at: datetime
    energy_wh: int | None
    claimed_wh: int | None
    is_void: bool


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """Everything the receipt page draws; `as_of` is when it was gathered."""

    public_id: str
    as_of: datetime
    version: int
    state: ReceiptState
    opened_at: datetime
    link_revoked: bool
    charge: ChargeFacts
    hours: tuple[HourFacts, ...]
    plants: tuple[PlantFacts, ...]
    emissions: EmissionFacts
    evidence: EvidenceFacts
    blocks: tuple[BlockFacts, ...]
    best_other_hour: OtherHour | None = None
    older: VersionLink | None = None
    newer: VersionLink | None = None
    versions: tuple[VersionFacts, ...] = ()
    labels: tuple[str, ...] = ()
    claimed_note: str = ""
    deficits: tuple[DeficitFacts, ...] = ()
    void: VoidFacts | None = None
    cost: ChargeCost | None = None
    energy_wh: int = field(init=False)
    renewable_wh: int = field(init=False)
    carbon_free_wh: int = field(init=False)
    tracked_wh: int = field(init=False)
    provisional_wh: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "energy_wh", _total(self.hours, "energy_wh"))
        object.__setattr__(self, "renewable_wh", _total(self.hours, "renewable_wh"))
        object.__setattr__(self, "carbon_free_wh", _total(self.hours, "carbon_free_wh"))
        object.__setattr__(self, "tracked_wh", _total(self.hours, "tracked_wh"))
        object.__setattr__(self, "provisional_wh", _total(self.hours, "provisional_wh"))

    @property
    def is_final(self) -> bool:
        """True when nothing in this version will change any more."""
        return self.state in (
            ReceiptState.CERTIFIED,
            ReceiptState.CLOSED_WITHOUT_CERTIFICATES,
            ReceiptState.SUPERSEDED,
            ReceiptState.VOIDED,
        )


def _total(hours: Sequence[HourFacts], name: str) -> int:
    return sum(getattr(hour, name) for hour in hours)
