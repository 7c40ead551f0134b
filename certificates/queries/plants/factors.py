"""Which emission factor applies to a device."""

from certificates.domain.eecs import PURE_PUMPED_STORAGE, more_general
from certificates.models import Device, EmissionFactor


def factor_for(device: Device) -> EmissionFactor | None:
    """The latest lifecycle factor of the device's codes, or of the nearest more general ones.

    The energy source is widened first: what burns matters less than how, for the tables we
    have. None where nothing fits.
    """
    if device.technology_code == PURE_PUMPED_STORAGE:
        return None  # what it emits is what the pumping grid emitted
    technologies = more_general(device.technology_code)
    sources = more_general(device.energy_source_code)
    found = EmissionFactor.objects.filter(
        technology_code__in=technologies,
        energy_source_code__in=sources,
        scope=EmissionFactor.Scope.LIFECYCLE,
    )
    return min(
        found,
        key=lambda f: (
            technologies.index(f.technology_code),
            sources.index(f.energy_source_code),
            -f.version,
        ),
        default=None,
    )


def factor_name(factor: EmissionFactor) -> str:
    """Source, year, scope and version, as lots and receipts state them."""
    return f"{factor.source}, {factor.year}, {factor.scope} v{factor.version}"
