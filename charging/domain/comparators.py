"""Reference figures that a receipt compares with, each with where it is from.

All can be edited as rows of the registry; these are the rows it starts with.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Figure:
    """One reference figure."""

    key: str
    label: str
    value: Decimal
    unit: str
    source: str


WELL_TO_WHEEL = Figure(
    "petrol-well-to-wheel",
    "Petrol, well to wheel",
    Decimal("94"),
    "g CO2e/MJ",
    "Fossil fuel comparator for transport, Directive (EU) 2018/2001, annex V, part C, point 19",
)
PETROL_ENERGY = Figure(
    "petrol-energy",
    "Energy in a litre of petrol",
    Decimal("33.0"),
    "MJ/l",
    "IPCC 2006 guidelines: 44.3 MJ/kg at 0.745 kg/l",
)
PETROL_CAR = Figure(
    "petrol-car",
    "Average petrol car",
    Decimal("7.6"),
    "l/100 km",
    "UK conversion factors 2021, average petrol car 174.31 g/km, over 2,287 g CO2 a litre",
)
ELECTRIC_CAR = Figure(
    "electric-car",
    "Electric car, at the charger",
    Decimal("0.20"),
    "kWh/km",
    "Assumption of this registry for mixed driving, charging losses included",
)
FIGURES = (WELL_TO_WHEEL, PETROL_ENERGY, PETROL_CAR, ELECTRIC_CAR)
