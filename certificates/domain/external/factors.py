"""Emission factors as other registries write them, in whole micrograms CO2e per Wh."""

import re
from decimal import ROUND_CEILING, Decimal

from certificates.domain.meter_values import Unreadable

# EnergyTag's files state kg CO2e per MWh and no unit.
USUAL_UNIT = "kg/MWh"
# Micrograms per Wh (which is milligrams per kWh) of one of each unit. The pound is 0.45359237 kg
# (International Yard and Pound Agreement, 1959).
UNITS = {
    "mg/kWh": Decimal(1),
    "g/kWh": Decimal(1_000),
    "kg/MWh": Decimal(1_000),
    "kg/kWh": Decimal(1_000_000),
    "t/MWh": Decimal(1_000_000),
    "lb/MWh": Decimal("453.59237"),
}
LARGEST_UG_PER_WH = 5_000_000  # five times the worst plants: more is another unit
_BY_NAME = {name.lower(): name for name in UNITS}
_WORDED = re.compile(r"(-?[0-9]{1,12}(?:\.[0-9]{1,12})?)(?:\s*([a-zA-Z0-9]+\s*/\s*[a-zA-Z]+))?")


def factor_ug_per_wh(text: str, unit: str = USUAL_UNIT) -> int:
    """Such as "11.5" in the file's unit, or "26.4 lb/MWh" in its own.

    Rounded up to the whole microgram: emissions are never understated. Raises: Unreadable.
    """
    found = _WORDED.fullmatch(text.strip())
    if not found:
        raise Unreadable(f"is no emission factor; write it like 11.5 ({USUAL_UNIT})")
    number, own = found.groups()
    named = _unit(own) if own else unit
    value = (Decimal(number) * UNITS[named]).to_integral_value(rounding=ROUND_CEILING)
    if value < 0:
        raise Unreadable("is below zero; generation does not take emissions back here")
    if value > LARGEST_UG_PER_WH:
        raise Unreadable(f"is more in {named} than any plant emits; check the unit")
    return int(value)


def _unit(text: str) -> str:
    words = "".join(text.split()).lower()
    name = words.replace("co2eq", "").replace("co2e", "").replace("co2", "")
    if name not in _BY_NAME:
        raise Unreadable(f"is in a unit not known here; write one of {', '.join(UNITS)}")
    return _BY_NAME[name]
