"""How clean the grid was, by interval."""

from dataclasses import dataclass
from datetime import datetime

from certificates.models import GridIntensity
from charging.domain.emissions import CO2E, LIFECYCLE, Factor, FactorKind


@dataclass(frozen=True, slots=True)
class Intensity:
    """An area's average in one interval, micrograms CO2e per Wh (milligrams per kWh)."""

    ug_per_wh: int
    estimated: bool
    source: str

    @property
    def factor(self) -> Factor:
        """The same as a factor; the grid's figures are lifecycle CO2e."""
        return Factor(self.ug_per_wh, FactorKind.AVERAGE, LIFECYCLE, CO2E, self.source)


def grid_intensities(
    area_id: int, starts_at: datetime, ends_at: datetime
) -> dict[datetime, Intensity]:
    """Intensities of an area by interval start, for intervals that start in the period."""
    rows = GridIntensity.objects.filter(
        area=area_id,
        kind=GridIntensity.Kind.AVERAGE,
        starts_at__gte=starts_at,
        starts_at__lt=ends_at,
    ).values_list("starts_at", "emissions_ug_per_wh", "estimated", "source")
    return {start: Intensity(ug, estimated, source) for start, ug, estimated, source in rows}
