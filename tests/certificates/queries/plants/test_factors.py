"""Which factor fits a plant."""

import pytest

from certificates.models import Device, EmissionFactor
from certificates.queries.plants.factors import factor_for, factor_name
from certificates.services import reference

pytestmark = pytest.mark.django_db


def grams(technology: str, source: str) -> int | None:
    reference.load()
    factor = factor_for(Device(technology_code=technology, energy_source_code=source))
    return factor.emissions_ug_per_wh // 1000 if factor else None


@pytest.mark.parametrize(
    ("technology", "source", "expected"),
    [
        ("T020001", "F01050100", 11),
        ("T020000", "F01050100", 12),
        ("T010101", "F01040100", 48),
        ("T050302", "F02010102", 820),
        ("T050101", "F02030100", 490),
        ("T060200", "F03010101", 12),
        ("T030300", "F01050200", None),
        ("T050501", "F01030100", None),
    ],
)
def test_the_nearest_factor_fits(technology, source, expected):
    assert grams(technology, source) == expected


def test_a_later_version_takes_over():
    reference.load()
    old = EmissionFactor.objects.get(technology_code="T020001")
    EmissionFactor.objects.create(
        technology_code=old.technology_code,
        energy_source_code=old.energy_source_code,
        version=2,
        emissions_ug_per_wh=12_400,
        scope=old.scope,
        source="UNECE",
        year=2021,
    )
    factor = factor_for(Device(technology_code="T020001", energy_source_code="F01050100"))
    assert factor_name(factor) == "UNECE, 2021, lifecycle v2"
