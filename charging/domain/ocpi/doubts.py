"""What is right by the standard and yet cannot be meant: remarks, never refusals."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from charging.domain.ocpi.charge import COMPLETED
from charging.domain.ocpi.validation import Finding
from charging.domain.ocpi.values import read_instant

TOLERANCE = Decimal("0.01")  # of the total, and at least a hundredth of a kWh
TOTALS = {"CDR": "total_energy", "Session": "kwh"}
NOT_GREEN = {"NUCLEAR", "GENERAL_FOSSIL", "COAL", "GAS"}


def doubts(kind: str, document: dict[str, Any]) -> list[Finding]:
    """Remarks on a checked object."""
    return [Finding(path, words, is_notice=True) for path, words in _doubts(kind, document)]


def _doubts(kind: str, document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if kind in TOTALS:
        yield from _energy(document, TOTALS[kind])
        end, stamp = document.get("end_date_time"), document["last_updated"]
        if end and read_instant(stamp) < read_instant(end):
            yield "last_updated", "lies before the end of the charge"
        if document.get("status") == COMPLETED and not end:
            yield "end_date_time", "is missing though the session is COMPLETED; its CDR will count"
    if document.get("energy_mix") is not None:
        yield from _mix(document["energy_mix"])
    spot = document.get("coordinates") or document.get("cdr_location", {}).get("coordinates")
    if spot and not _is_latitude(spot["latitude"]):
        yield "coordinates", "latitude is none; is it swapped with the longitude?"


def _energy(document: dict[str, Any], total: str) -> Iterator[tuple[str, str]]:
    """The standard's own session counts its periods in Wh, its total in kWh."""
    parts = [
        dimension["volume"]
        for period in document.get("charging_periods") or ()
        for dimension in period["dimensions"]
        if dimension["type"] == "ENERGY"
    ]
    said, found = document[total], sum(parts, Decimal(0))
    if parts and abs(found - said) > TOLERANCE * max(abs(said), Decimal(1)):
        yield "charging_periods", f"ENERGY adds up to {found:f} kWh, but {total} says {said:f}"


def _mix(mix: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Claims about green energy that contradict themselves."""
    sources = mix.get("energy_sources") or ()
    percent = sum((row["percentage"] for row in sources), Decimal(0))
    if sources and abs(percent - 100) > TOLERANCE:
        yield "energy_mix", f"percentages add up to {percent:f}, not to 100"
    dirty = any(row["source"] in NOT_GREEN and row["percentage"] > 0 for row in sources)
    impact = any(row["amount"] > 0 for row in mix.get("environ_impact") or ())
    if mix["is_green_energy"] and (dirty or impact):
        yield "energy_mix", "is_green_energy is true beside fossil, nuclear or emitting sources"


def _is_latitude(text: str) -> bool:
    try:
        return abs(Decimal(text)) <= 90
    except ArithmeticError:
        return False
