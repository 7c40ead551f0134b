"""Reference figures are loaded once and can be edited."""

from decimal import Decimal

from certificates.models import GridIntensity
from charging.models import Comparator
from charging.queries.receipt import comparators
from charging.services.reference import load_comparators, load_grid_intensity
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
