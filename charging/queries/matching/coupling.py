"""Which areas are coupled, and since when: a dated table, empty by default (decisions 5)."""

from charging.domain.matching import Coupling
from charging.models import CoupledArea


def coupled_areas() -> list[Coupling]:
    """The table with areas named by their id, as matching names them."""
    return [
        Coupling(str(row.generation_id), str(row.charge_id), row.starts_at, row.ends_at)
        for row in CoupledArea.objects.order_by("pk")
    ]
