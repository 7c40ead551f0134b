"""How a file of sessions is probably laid out, by the names of its columns alone."""

from collections.abc import Sequence
from typing import Any

from charging.domain.profiles import MAPPED, PROFILES

GUESSES = {  # words of which a column's name has one, most telling first
    "charger": ("charger", "cp id", "evse", "station", "charge point"),
    "connector": ("connector", "plug id", "socket"),
    "start_date": ("start", "arrival", "begin", "plugin"),
    "end_date": ("end", "departure", "stop", "plugout"),
    "energy": ("kwh", "energy", "wh"),
    "site": ("site", "location", "garage", "address"),
    "session_id": ("session",),
    "signed": ("signed", "ocmf"),
}


def guess(header: Sequence[str]) -> dict[str, Any]:
    """The shipped layout that fits the columns best, else a layout to be looked over."""
    fitting = [each for each in PROFILES.values() if set(each.columns) <= set(header)]
    if fitting:
        return {"profile": max(fitting, key=lambda each: len(each.columns)).name}
    chosen: dict[str, Any] = {}
    for field, words in GUESSES.items():
        for word in words:
            free = [name for name in header if name and name not in chosen.values()]
            match = next((name for name in free if word in name.lower()), "")
            if match:
                chosen[field] = match
                break
    return {"profile": MAPPED, "mapping": chosen}
