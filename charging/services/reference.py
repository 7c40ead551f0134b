"""Loading reference figures: areas, factors, comparators and the grid's hourly intensity."""

import csv
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from certificates.models import Area, GridIntensity
from certificates.services import reference as tables
from charging.domain.comparators import FIGURES
from charging.domain.emissions import CO2E, LIFECYCLE
from charging.domain.session_file import decode
from charging.errors import SampleDataMissing
from charging.models import Comparator
from ledger.models.bulk import insert

GRID_SOURCE = (
    "ENTSO-E Transparency Platform, generation per type, with lifecycle medians of IPCC AR5"
)

AVERAGE = GridIntensity.Kind.AVERAGE
GRID_AREA = "10YGB----------A"  # what the shipped figures are of
GRID_FILE = Path("sample_data", "grid", "gb_2018_intensity_hourly.csv.gz")


@transaction.atomic
def load_everything() -> dict[str, int]:
    """All figures that come with the registry; returns how many of each are new.

    Raises: SampleDataMissing, UnreadableFile.
    """
    new = tables.load()
    area = Area.objects.get(code=GRID_AREA, valid_to__isnull=True)
    path = Path(settings.BASE_DIR) / GRID_FILE
    return new | {
        "comparators": load_comparators(),
        "grid_hours": load_grid_intensity(path=path, area=area),
    }


@transaction.atomic
def load_comparators() -> int:
    """The figures a receipt compares with, unless they are there; returns how many are new."""
    known = set(Comparator.objects.values_list("key", flat=True))
    new = [figure for figure in FIGURES if figure.key not in known]
    Comparator.objects.bulk_create(
        Comparator(
            key=figure.key,
            label=figure.label,
            value=figure.value,
            unit=figure.unit,
            source=figure.source,
        )
        for figure in new
    )
    return len(new)


@transaction.atomic
def load_grid_intensity(
    *, path: Path, area: Area, source: str = GRID_SOURCE, version: int = 1
) -> int:
    """Hourly averages of an area: starts_at, lifecycle_mg_per_kwh (CO2e), estimated (0 or 1).

    Hours already known stay; returns how many are new.
    Raises: SampleDataMissing, UnreadableFile, FileTooLarge.
    """
    if not path.exists():
        raise SampleDataMissing(f"{path} is missing; fetch the whole repository.")
    rows = list(_read(path))
    if not rows:
        return 0
    known = set(
        GridIntensity.objects.filter(
            area=area, kind=AVERAGE, starts_at__gte=rows[0][0], starts_at__lte=rows[-1][0]
        ).values_list("starts_at", flat=True)
    )
    new = [
        (area.pk, AVERAGE, start, 60, ug, estimated, LIFECYCLE, CO2E, source, version)
        for start, ug, estimated in rows
        if start not in known
    ]
    names = ["area", "kind", "starts_at", "length_minutes", "emissions_ug_per_wh"]
    insert(GridIntensity, [*names, "estimated", "scope", "gas", "source", "version"], new)
    return len(new)


def _read(path: Path) -> Iterable[tuple[datetime, int, bool]]:
    for row in csv.DictReader(decode(path.read_bytes()).splitlines()):
        start = datetime.fromisoformat(row["starts_at"])
        yield start, int(row["lifecycle_mg_per_kwh"]), row["estimated"] == "1"
