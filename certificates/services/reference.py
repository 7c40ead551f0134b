"""Loading the tables that come with the registry; again changes nothing."""

from django.db import transaction

from certificates.domain.reference_tables import FACTOR_SOURCE, FACTOR_YEAR, factors, zones
from certificates.models import Area, EmissionFactor


@transaction.atomic
def load() -> dict[str, int]:
    """Bidding zones and emission factors; returns how many of each are new."""
    return {"areas": _load_areas(), "factors": _load_factors()}


def _load_areas() -> int:
    new = 0
    for zone in zones():
        _, created = Area.objects.get_or_create(
            scheme=Area.Scheme.EIC,
            code=zone.code,
            valid_from=zone.valid_from,
            defaults={
                "name": zone.name,
                "country": zone.country,
                "timezone": zone.timezone,
                "valid_to": zone.valid_to,
            },
        )
        new += created
    return new


def _load_factors() -> int:
    new = 0
    for factor in factors():
        _, created = EmissionFactor.objects.get_or_create(
            technology_code=factor.technology_code,
            energy_source_code=factor.energy_source_code,
            scope=EmissionFactor.Scope.LIFECYCLE,
            version=1,
            defaults={
                "emissions_ug_per_wh": factor.emissions_ug_per_wh,
                "source": FACTOR_SOURCE,
                "year": FACTOR_YEAR,
            },
        )
        new += created
    return new
