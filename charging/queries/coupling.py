"""Which areas are coupled, and since when: a dated table, empty by default (decisions 5)."""

from collections import defaultdict
from datetime import datetime

from django.conf import settings

from certificates.models import Area
from charging.domain.matching import Coupling


def coupled_areas() -> list[Coupling]:
    """The table with areas named by their id, as matching names them.

    `settings.COUPLED_AREAS` has rows (generation's area code, charge's area code, from, until);
    stamps in ISO 8601 with offset, the last one may be empty.
    """
    table = getattr(settings, "COUPLED_AREAS", ())
    if not table:
        return []
    ids: dict[str, list[int]] = defaultdict(list)
    for pk, code in Area.objects.order_by("pk").values_list("pk", "code"):
        ids[code].append(pk)
    return [
        Coupling(
            str(one),
            str(other),
            datetime.fromisoformat(starts_at),
            datetime.fromisoformat(ends_at) if ends_at else None,
        )
        for generation, charge, starts_at, ends_at in table
        for one in ids[generation]
        for other in ids[charge]
    ]
