"""Receipts as their facts arrive: a charge of four hours, the wind leaving in the third."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from charging.domain.charge_cost import ChargeCost, CostLine
from charging.domain.comparators import FIGURES
from charging.domain.emissions import CO2, CO2E, DIRECT, LIFECYCLE, Factor, FactorKind
from charging.queries.receipts.deficits import DeficitFacts
from charging.queries.receipts.facts import (
    AllocationFacts,
    BlockFacts,
    ChargeFacts,
    ComparatorFacts,
    EmissionFacts,
    EvidenceFacts,
    FactorFacts,
    HourFacts,
    HourState,
    OtherHour,
    PlantFacts,
    ReceiptFacts,
    ReceiptState,
    VersionLink,
)
from charging.queries.receipts.surroundings import TOO_LITTLE
from charging.queries.receipts.void import VoidFacts
from charging.services.ocpi.charges import CORRECTED

PUBLIC_ID = "sample-receipt-0123456789ab"
GSRN = "299900000000000017"
STARTS_AT = datetime(2018, 7, 14, 12, 5, tzinfo=UTC)
FIRST_HOUR = STARTS_AT.replace(minute=0)
FIRST_WH = 1_204_985_000
DEFICIT = DeficitFacts(
    device_name="Kelmarsh 2",
    gsrn=GSRN,
    starts_at=FIRST_HOUR,
    before_wh=1_204_985,
    after_wh=1_000_000,
    deficit_wh=204_985,
    covered_wh=0,
    claimed_wh=6_417,
    affected_wh=1_092,
)
WHY = TOO_LITTLE


def allocation(number: int, amount_wh: int, first_wh: int | None) -> AllocationFacts:
    """Wh of turbine 2 for one hour."""
    return AllocationFacts(
        allocation_id=number,
        device_name="Kelmarsh 2",
        gsrn=GSRN,
        technology="Wind, Onshore",
        energy_source="Wind",
        amount_wh=amount_wh,
        renewable=True,
        carbon_free=True,
        factor_ug_per_wh=11_000,
        factor_source="IPCC AR5",
        first_renewable_wh=first_wh,
        first_emissions_wh=first_wh,
        certificate_numbers=None if first_wh is None else (1204, 1205),
        lot_code="0" * 40,
        block_height=1204,
        state="pending" if first_wh is None else "certified",
        quality="calculated",
    )


def hours(matched: list[int], *, certified: bool = True) -> tuple[HourFacts, ...]:
    """Four hours of use, matched by these Wh."""
    made = []
    first = FIRST_WH
    for number, (used, wh) in enumerate(zip([6_417, 7_000, 7_000, 2_683], matched, strict=True)):
        allocations = (allocation(number, wh, first if certified else None),) if wh else ()
        made.append(
            HourFacts(
                starts_at=FIRST_HOUR + timedelta(hours=number),
                length_minutes=60,
                energy_wh=used,
                renewable_wh=wh,
                carbon_free_wh=wh,
                tracked_wh=wh,
                grid_ug_per_wh=241_000 + 9_000 * number,
                grid_estimated=False,
                allocations=allocations,
                why_unmatched="" if wh == used else WHY,
            )
        )
        first += wh + 40_000
    return tuple(made)


CHARGE = ChargeFacts(
    uid="51516-2-20180714T1205Z",
    started_at=STARTS_AT,
    ended_at=STARTS_AT + timedelta(hours=3, minutes=18),
    energy_wh=23_100,
    location_name="Broxden Park & Ride, Perth",
    latitude=Decimal("56.386610"),
    longitude=Decimal("-3.477746"),
    evse="51516",
    connector="2",
    operator_name="Perth & Kinross Council",
    claimant_name="Perth & Kinross Council",
    timezone="Europe/London",
    area_name="Great Britain",
)
PLANT = PlantFacts(
    name="Kelmarsh 2",
    gsrn=GSRN,
    gsrn_note="Synthetic, for the demo",
    technology="Wind, Onshore",
    energy_source="Wind",
    latitude=Decimal("52.400000"),
    longitude=Decimal("-0.940000"),
    distance_km=472,
    amount_wh=18_717,
)
GRID = "Hourly mean of Great Britain's generation mix, ENTSO-E Transparency Platform"
EMISSIONS = EmissionFacts(
    charge_ug=1_323_000_000,
    grid_ug=5_836_000_000,
    petrol_ug=27_228_000_000,
    distance_km=Decimal("115.5"),
    grid_source=GRID,
    grid_estimated=False,
    comparators=tuple(
        ComparatorFacts(one.key, one.label, one.value, one.unit, one.source) for one in FIGURES
    ),
    used=(
        FactorFacts(
            FactorKind.PLANT, 18_717, 205_887_000, 11_000, LIFECYCLE, CO2E, "IPCC AR5", 2014, 1
        ),
        FactorFacts(FactorKind.AVERAGE, 4_383, 1_117_113_000, None, LIFECYCLE, CO2E, GRID, None, 1),
    ),
    passed_over=Factor(
        420_760, FactorKind.RESIDUAL, DIRECT, CO2, "AIB European residual mix", 2024
    ),
)
EVIDENCE = EvidenceFacts(
    grade="D",
    summary="Demo data: read it as an illustration.",
    energy="The operator stated the amount of energy; no signed meter value.",
    timing="Only start and end are known; the energy was spread evenly between them.",
    generation="Generation was calculated from mean power, not read from a meter.",
)
BLOCK = BlockFacts(
    1204, "0x" + "5f" * 32, datetime(2026, 11, 23, 8, 0, 12, tzinfo=UTC), (317,), 2, 3
)


COST = ChargeCost(
    currency="EUR",
    excl=Decimal("9.5250"),
    incl=Decimal("11.43"),
    lines=(
        CostLine(
            "ENERGY", Decimal("9.025"), Decimal("10.83"), Decimal("23.100000"), Decimal("0.3907")
        ),
        CostLine("FLAT", Decimal("0.50"), Decimal("0.60"), Decimal(1), Decimal("0.50")),
    ),
    by_tariff=True,
)
VOID = VoidFacts(3, 3, 1210, datetime(2026, 11, 24, 8, 0, 12, tzinfo=UTC), ())


def receipt(**changes: Any) -> ReceiptFacts:
    """A certified receipt, 81 % matched, with these facts changed."""
    facts = ReceiptFacts(
        public_id=PUBLIC_ID,
        as_of=datetime(2026, 11, 23, 8, 1, tzinfo=UTC),
        version=1,
        state=ReceiptState.CERTIFIED,
        opened_at=datetime(2026, 11, 23, 7, 59, tzinfo=UTC),
        link_revoked=False,
        charge=CHARGE,
        hours=hours([6_417, 7_000, 5_300, 0]),
        plants=(PLANT,),
        emissions=EMISSIONS,
        evidence=EVIDENCE,
        blocks=(BLOCK,),
        best_other_hour=OtherHour(FIRST_HOUR - timedelta(hours=9), 64_300, 212_000),
        labels=("Demo registry: nothing here is a claim.",),
    )
    return replace(facts, **changes)


def plants(number: int) -> tuple[PlantFacts, ...]:
    """Plants between the charger and Kelmarsh, a third of them solar, 500 Wh of each."""
    made = []
    for at in range(number):
        kind = ("Solar", "Solar, Photovoltaic") if at % 3 == 0 else ("Wind", "Wind, Onshore")
        place = {"latitude": PLANT.latitude + Decimal(at) / 12, "longitude": PLANT.longitude}
        names = {"name": f"Kelmarsh {at + 1}", "gsrn": f"{299900000000000000 + 17 * (at + 1)}"}
        source = {"energy_source": kind[0], "technology": kind[1], "amount_wh": 500}
        made.append(replace(PLANT, **place, **names, **source))
    return tuple(made)


def hour_of(at: int, used_wh: int, given: tuple[AllocationFacts, ...]) -> HourFacts:
    """The hour `at` hours after the first, with what it was given."""
    wh = sum(one.amount_wh for one in given)
    return replace(
        hours([0, 0, 0, 0])[0],
        starts_at=FIRST_HOUR + timedelta(hours=at),
        energy_wh=used_wh,
        renewable_wh=wh,
        carbon_free_wh=wh,
        tracked_wh=wh,
        allocations=given,
        why_unmatched="" if wh == used_wh else WHY,
    )


def from_many_plants(number: int, hour_count: int) -> ReceiptFacts:
    """A whole charge in so many hours, an equal part of each plant in one of them."""
    every = plants(number)
    given = [
        replace(
            allocation(at, plant.amount_wh, FIRST_WH),
            device_name=plant.name,
            gsrn=plant.gsrn,
            energy_source=plant.energy_source,
            technology=plant.technology,
        )
        for at, plant in enumerate(every)
    ]
    each = number // hour_count
    return receipt(
        charge=replace(CHARGE, energy_wh=500 * number),
        hours=tuple(
            hour_of(at, 500 * each, tuple(given[at * each : (at + 1) * each]))
            for at in range(hour_count)
        ),
        plants=every,
        best_other_hour=None,
    )


def long_charge(hour_count: int = 200) -> ReceiptFacts:
    """A kilowatt-hour in each of many hours, the wind coming and going."""
    wind = [at * 37 % 1_001 for at in range(hour_count)]
    lots = [allocation(at, wh, FIRST_WH + 2_000 * at) for at, wh in enumerate(wind)]
    return receipt(
        charge=replace(
            CHARGE,
            energy_wh=1_000 * hour_count,
            ended_at=FIRST_HOUR + timedelta(hours=hour_count),
        ),
        hours=tuple(
            hour_of(at, 1_000, (lot,) if lot.amount_wh else ()) for at, lot in enumerate(lots)
        ),
        plants=(replace(PLANT, amount_wh=sum(wind)),),
    )


def tiny() -> ReceiptFacts:
    """A charge of one watt-hour."""
    return receipt(
        charge=replace(CHARGE, energy_wh=1, ended_at=STARTS_AT + timedelta(minutes=1)),
        hours=(hour_of(0, 1, (allocation(1, 1, FIRST_WH),)),),
        plants=(replace(PLANT, amount_wh=1),),
        emissions=replace(EMISSIONS, charge_ug=11_000, grid_ug=241_000, petrol_ug=1_178_000),
        best_other_hour=None,
    )


def in_every_state() -> dict[str, ReceiptFacts]:
    """One receipt for each state, by its name."""
    nothing = hours([0, 0, 0, 0])
    open_hours = tuple(replace(hour, state=HourState.OPEN, why_unmatched="") for hour in nothing)
    newer = VersionLink(2, "newer-receipt-0123456789abc", CORRECTED, STARTS_AT)
    return {
        "certified": receipt(),
        "full": receipt(hours=hours([6_417, 7_000, 7_000, 2_683]), best_other_hour=None),
        "pending": receipt(
            state=ReceiptState.PENDING,
            hours=hours([6_417, 7_000, 5_300, 0], certified=False),
            blocks=(),
        ),
        "waiting": receipt(state=ReceiptState.WAITING, hours=open_hours, plants=(), blocks=()),
        "closed": receipt(
            state=ReceiptState.CLOSED_WITHOUT_CERTIFICATES, hours=nothing, plants=(), blocks=()
        ),
        "superseded": receipt(state=ReceiptState.SUPERSEDED, newer=newer),
        "voided": receipt(state=ReceiptState.VOIDED, hours=nothing, plants=(), blocks=()),
        "void": receipt(state=ReceiptState.VOIDED, hours=nothing, plants=(), void=VOID),
        "corrected": receipt(version=2, deficits=(DEFICIT,)),
        "priced": receipt(cost=COST),
        "many": from_many_plants(40, 4),
        "crowded": from_many_plants(12, 1),
        "long": long_charge(),
        "tiny": tiny(),
        "credit": receipt(emissions=replace(EMISSIONS, charge_ug=-1_323_000_000)),
    }
