"""The story of the front page: a year of real charging against a real turbine.

`data/story_2018.csv` holds, for each day and UTC hour of 2018, the Wh charged at the public
chargers of Perth & Kinross and the Wh of them matched in the same hour by 4.63 % of turbine
Kelmarsh 2. It is what `manage.py demo` computes from the sample data; a test compares.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from charging.domain import drawing

DATA = Path(__file__).parent / "data" / "story_2018.csv"
YEAR = 2018


@dataclass(frozen=True, slots=True)
class Hour:
    """Whole Wh charged in one hour, and matched in it."""

    starts_at: datetime
    demand_wh: int
    matched_wh: int


@dataclass(frozen=True, slots=True)
class Sum:
    """A total over some hours."""

    label: str
    demand_wh: int
    matched_wh: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a share of the turbine's output matches in the same hours."""

    label: str | Promise
    matched_wh: int


@dataclass(frozen=True, slots=True)
class Story:
    """Everything the front page tells of the year."""

    total: Sum
    months: list[Sum]
    paths: dict[int, str]
    scenarios: tuple[Scenario, ...]


SCENARIOS = (
    Scenario(_("4.63 % of the turbine: as much as the year of charging"), 118_852_094),
    Scenario(_("25 % of it: five times the volume"), 194_380_463),
    Scenario(_("All of it: twenty-one times the volume"), 219_485_325),
)


def hours() -> Iterator[Hour]:
    """Every hour in which a car charged, in order."""
    with DATA.open(newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for day, *cells in rows:
            midnight = datetime.fromisoformat(f"{YEAR}-{day}").replace(tzinfo=UTC)
            for hour, cell in enumerate(cells):
                if cell:
                    demand_wh, matched_wh = map(int, cell.split(":"))
                    yield Hour(midnight.replace(hour=hour), demand_wh, matched_wh)


@cache
def story() -> Story:
    """The year, read once."""
    year = list(hours())
    months = [[hour for hour in year if hour.starts_at.month == month] for month in range(1, 13)]
    levels = {
        (drawing.day_of_year(hour.starts_at.date()), hour.starts_at.hour): drawing.level(
            hour.matched_wh, hour.demand_wh
        )
        for hour in year
    }
    return Story(
        total=_sum(str(YEAR), year),
        months=[
            _sum(f"{date(YEAR, number, 1):%B}", month) for number, month in enumerate(months, 1)
        ],
        paths=drawing.heat_paths(levels),
        scenarios=SCENARIOS,
    )


def _sum(label: str, part: list[Hour]) -> Sum:
    return Sum(label, sum(h.demand_wh for h in part), sum(h.matched_wh for h in part))
