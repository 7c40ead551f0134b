"""Reference figures are loaded once and can be edited."""

from decimal import Decimal

import pytest

from certificates.models import Area, EmissionFactor, GridIntensity
from charging.errors import SampleDataMissing
from charging.models import Comparator
from charging.queries.receipts.emissions import comparators
from charging.services.reference import (
    load_comparators,
    load_everything,
    load_grid_intensity,
)
from tests.charging.conftest import SAMPLES


def test_an_edited_figure_stays_and_is_used(db):
    assert load_comparators() == 4
    Comparator.objects.filter(key="electric-car").update(value=Decimal("0.25"))
    assert load_comparators() == 0
    values = {figure.key: figure.value for figure in comparators()}
    assert values["electric-car"] == Decimal("0.25")
    assert all(figure.source for figure in comparators())


def test_the_year_s_grid_is_complete_and_its_filled_hours_are_marked(great_britain):
    path = SAMPLES / "grid" / "gb_2018_intensity_hourly.csv.gz"
    assert load_grid_intensity(path=path, area=great_britain) == 8_760
    assert load_grid_intensity(path=path, area=great_britain) == 0
    assert GridIntensity.objects.filter(estimated=True).count() == 15
    figures = GridIntensity.objects.values_list("emissions_ug_per_wh", flat=True)
    assert min(figures) > 90_000
    assert max(figures) < 600_000


def test_everything_is_loaded_once(db):
    first = load_everything()
    assert first == {
        "areas": Area.objects.count(),
        "factors": EmissionFactor.objects.count(),
        "comparators": Comparator.objects.count(),
        "grid_hours": 8_760,
    }
    assert min(first.values()) > 0
    assert set(load_everything().values()) == {0}


def test_figures_that_are_not_there_are_named(great_britain, tmp_path):
    with pytest.raises(SampleDataMissing, match=r"none\.csv"):
        load_grid_intensity(path=tmp_path / "none.csv", area=great_britain)
