"""The grid's emissions in a company's hours, for its evidence, where marginal figures are known."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from certificates.models import Area
from charging.domain.evidence_pack import GridRow, HourRow
from charging.queries.grid import grid_intensities, marginal_factors


def grid_rows(hours: Sequence[HourRow]) -> tuple[GridRow, ...]:
    """A row for each hour, in the same order; none at all where no marginal figure is known.

    Averages alone are not repeated here: every receipt has them.
    """
    by_area: dict[str, list[HourRow]] = defaultdict(list)
    for hour in hours:
        by_area[hour.area].append(hour)
    found: dict[HourRow, GridRow] = {}
    for area in Area.objects.filter(code__in=by_area):
        rows = [row for row in by_area[area.code] if _in_force(area, row)]
        found |= _of_area(area, rows) if rows else {}
    known = any(row.marginal is not None for row in found.values())
    return tuple(found[hour] for hour in hours if hour in found) if known else ()


def _in_force(area: Area, row: HourRow) -> bool:
    return area.valid_from <= row.starts_at and (
        area.valid_to is None or row.starts_at < area.valid_to
    )


def _of_area(area: Area, rows: Sequence[HourRow]) -> dict[HourRow, GridRow]:
    starts = [row.starts_at for row in rows]
    average = grid_intensities(area.pk, min(starts), max(starts) + timedelta(seconds=1))
    marginal = marginal_factors(area.pk, [(row.starts_at, row.minutes) for row in rows])
    return {
        row: GridRow(
            row.area,
            row.starts_at,
            row.minutes,
            row.charged_wh,
            average[row.starts_at].factor if row.starts_at in average else None,
            marginal.get(row.starts_at),
        )
        for row in rows
    }
