"""How clean the grid was, by interval."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from certificates.models import GridIntensity, Organisation
from charging.domain.emissions import Factor, FactorKind
from charging.domain.marginal_file import mean_factor
from charging.queries.matching.demand import final_hours

COUNTED = ("scope", "gas", "source", "version")  # what a figure counts, and where from
SHORTEST = 5  # minutes of a figure, and what every start is a multiple of


@dataclass(frozen=True, slots=True)
class Intensity:
    """An area's average in one interval, micrograms CO2e per Wh (milligrams per kWh)."""

    ug_per_wh: int
    estimated: bool
    scope: str
    gas: str
    source: str
    version: int

    @property
    def factor(self) -> Factor:
        """The same as a factor."""
        return Factor(
            self.ug_per_wh,
            FactorKind.AVERAGE,
            self.scope,
            self.gas,
            self.source,
            version=self.version,
        )


def grid_intensities(
    area_id: int, starts_at: datetime, ends_at: datetime
) -> dict[datetime, Intensity]:
    """Intensities of an area by interval start, for intervals that start in the period."""
    rows = GridIntensity.objects.filter(
        area=area_id,
        kind=GridIntensity.Kind.AVERAGE,
        starts_at__gte=starts_at,
        starts_at__lt=ends_at,
    ).values_list("starts_at", "emissions_ug_per_wh", "estimated", *COUNTED)
    return {start: Intensity(*figure) for start, *figure in rows}


def marginal_factors(
    area_id: int, intervals: Iterable[tuple[datetime, int]]
) -> dict[datetime, Factor]:
    """Marginal factors of an area for intervals (start, minutes), where figures fill them.

    One query; shorter figures are averaged over the interval, longer ones cannot tell.
    """
    wanted = sorted(intervals)
    if not wanted:
        return {}
    last = max(start + timedelta(minutes=minutes) for start, minutes in wanted)
    rows = GridIntensity.objects.filter(
        area=area_id,
        kind=GridIntensity.Kind.MARGINAL,
        starts_at__gte=wanted[0][0],
        starts_at__lt=last,
    ).values_list("starts_at", "length_minutes", "emissions_ug_per_wh", *COUNTED)
    parts: dict[datetime, list[tuple[datetime, int, Factor]]] = defaultdict(list)
    lengths = dict(wanted)
    by_minute = {
        start + timedelta(minutes=minute): start
        for start, minutes in wanted
        for minute in range(0, minutes, SHORTEST)
    }
    for start, minutes, figure, scope, gas, source, version in rows:
        if start in by_minute:
            factor = Factor(figure, FactorKind.MARGINAL, scope, gas, source, version=version)
            parts[by_minute[start]].append((start, minutes, factor))
    means = {start: mean_factor(start, lengths[start], found) for start, found in parts.items()}
    return {start: mean for start, mean in means.items() if mean is not None}


def factors_of_hour(
    organisation: Organisation, starts_at: datetime, ends_at: datetime
) -> list[tuple[str, Factor]]:
    """(area's name, factor) of the grid where a company charged, averages first; never added."""
    used = final_hours(organisation, starts_at, ends_at).values("session__area")
    rows = GridIntensity.objects.filter(starts_at=starts_at, area__in=used).order_by("kind", "area")
    names = ("area__name", "kind", "emissions_ug_per_wh", *COUNTED)
    return [
        (area, Factor(figure, FactorKind(kind), scope, gas, source, version=version))
        for area, kind, figure, scope, gas, source, version in rows.values_list(*names)
    ]
