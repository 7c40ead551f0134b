"""The world's coastline for the small maps, read once."""

import gzip
from functools import cache
from pathlib import Path

from certificates.domain.maps import Ring

LAND = Path(__file__).resolve().parent.parent / "data" / "land-50m.txt.gz"


@cache
def rings() -> tuple[Ring, ...]:
    """Closed rings of (longitude, latitude) in degrees."""
    with gzip.open(LAND, "rt") as file:
        return tuple(
            tuple((float(x), float(y)) for x, y in (pair.split(",") for pair in line.split()))
            for line in file
        )
