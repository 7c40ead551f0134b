"""The world's coastline for the small maps, read once."""

import gzip
from functools import cache, lru_cache
from pathlib import Path

from certificates.domain import maps

LAND = Path(__file__).resolve().parent.parent / "data" / "land-50m.txt.gz"
MAPS_KEPT = 500  # of about 5 kB each


@lru_cache(maxsize=MAPS_KEPT)
def drawn(view: maps.Frame) -> str:
    """One path of the land on this map; many receipts share a plant and a site."""
    return maps.coast(land(), view)


@cache
def land() -> maps.Land:
    """The land of the whole world."""
    with gzip.open(LAND, "rt") as file:
        return maps.Land.of(
            [(float(x), float(y)) for x, y in (pair.split(",") for pair in line.split())]
            for line in file
        )
