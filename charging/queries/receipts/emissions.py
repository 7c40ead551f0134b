"""What a charge emitted, with every factor named that was used for it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from charging.domain import emissions
from charging.domain.comparators import (
    ELECTRIC_CAR,
    FIGURES,
    PETROL_CAR,
    PETROL_ENERGY,
    WELL_TO_WHEEL,
    Figure,
)
from charging.domain.emissions import Factor, FactorKind, HourOfEnergy, PetrolCar, Used
from charging.domain.residual import residual_mix
from charging.models import Comparator, Session
from charging.queries.grid import Intensity, marginal_factors
from charging.queries.receipts.facts import (
    ComparatorFacts,
    EmissionFacts,
    FactorFacts,
    HourFacts,
)

NO_FIGURE = "No figure for the grid in these hours."


def emissions_of(
    session: Session, hours: tuple[HourFacts, ...], grid: dict[datetime, Intensity]
) -> EmissionFacts:
    """The charge beside the grid and beside petrol: a query for the reference figures and one
    for marginal ones.

    Factors that count different things are each shown, and added to nothing.
    Raises: UnreadableFigure.
    """
    figures = _figures()
    values = {figure.key: figure.value for figure in figures}
    car = PetrolCar(
        well_to_wheel_g_per_mj=values[WELL_TO_WHEEL.key],
        mj_per_l=values[PETROL_ENERGY.key],
        l_per_100_km=values[PETROL_CAR.key],
        kwh_per_km=values[ELECTRIC_CAR.key],
    )
    year = session.started_at.astimezone(ZoneInfo(session.area.timezone)).year
    residual = residual_mix(figures, area=session.area.code, year=year)
    marginal = marginal_factors(
        session.area_id, [(hour.starts_at, hour.length_minutes) for hour in hours]
    )
    counted = [_counted(hour, grid, residual, marginal) for hour in hours]
    parts, grid_parts = emissions.charge_parts(counted), emissions.grid_parts(counted)
    sources = {grid[hour.starts_at].source for hour in hours if hour.starts_at in grid}
    used = _named(parts or ())
    return EmissionFacts(
        charge_ug=_total(parts),
        grid_ug=_total(grid_parts),
        petrol_ug=car.petrol_ug(session.energy_wh),
        distance_km=car.distance_km(session.energy_wh),
        grid_source="; ".join(sorted(sources)) or NO_FIGURE,
        grid_estimated=any(hour.grid_estimated for hour in hours),
        comparators=_shown(figures),
        used=used,
        passed_over=residual if _is_passed_over(used) else None,
        marginal=_marginal(counted),
        differ=not all(emissions.count_alike(some or ()) for some in (parts, grid_parts)),
    )


def _is_passed_over(used: Iterable[FactorFacts]) -> bool:
    """Whether an average stands in the place of the residual mix."""
    kinds = {one.kind for one in used}
    return FactorKind.AVERAGE in kinds and FactorKind.RESIDUAL not in kinds


def _total(parts: list[Used] | None) -> int | None:
    """Their sum, where all are known and count the same."""
    return emissions.total_ug(parts) if parts is not None and emissions.count_alike(parts) else None


def comparators() -> tuple[ComparatorFacts, ...]:
    """The registry's rows, or the figures it starts with where a row is missing."""
    return _shown(_figures())


def _figures() -> list[Figure]:
    rows = {
        row.key: Figure(row.key, row.label, row.value, row.unit, row.source)
        for row in Comparator.objects.all()
    }
    return [*({figure.key: figure for figure in FIGURES} | rows).values()]


def _shown(figures: Iterable[Figure]) -> tuple[ComparatorFacts, ...]:
    by_key = {figure.key: figure for figure in figures}
    return tuple(
        ComparatorFacts(one.key, one.label, one.value, one.unit, one.source)
        for one in (by_key[figure.key] for figure in FIGURES)
    )


def _marginal(hours: Iterable[HourOfEnergy]) -> tuple[FactorFacts, ...]:
    """One line for each source; empty unless every hour of the charge has a figure."""
    return _named(emissions.marginal_parts(hours) or ())


def _counted(
    hour: HourFacts,
    grid: Mapping[datetime, Intensity],
    residual: Factor | None,
    marginal: Mapping[datetime, Factor],
) -> HourOfEnergy:
    intensity = grid.get(hour.starts_at)
    return HourOfEnergy(
        energy_wh=hour.energy_wh,
        matched=tuple((share.amount_wh, share.factor) for share in hour.allocations),
        average=intensity.factor if intensity else None,
        residual=residual,
        marginal=marginal.get(hour.starts_at),
    )


def _named(parts: Iterable[Used]) -> tuple[FactorFacts, ...]:
    """One line for each factor; the averages of single hours from one source together."""
    lines: dict[object, list[Used]] = {}
    for one in emissions.by_factor(parts):
        factor = one.factor
        is_hourly = factor.kind in (FactorKind.AVERAGE, FactorKind.MARGINAL)
        key = (factor.kind, factor.basis, factor.source) if is_hourly else factor
        lines.setdefault(key, []).append(one)
    return tuple(_line(used) for used in lines.values())


def _line(used: list[Used]) -> FactorFacts:
    first = used[0].factor
    figures = {one.factor.ug_per_wh for one in used}
    return FactorFacts(
        kind=first.kind,
        amount_wh=sum(one.amount_wh for one in used),
        emissions_ug=emissions.total_ug(used),
        ug_per_wh=first.ug_per_wh if len(figures) == 1 else None,
        scope=first.scope,
        gas=first.gas,
        source=first.source,
        year=first.year,
        version=first.version,
    )
