"""Figures of a whole year, kept while nothing that they are made of changes.

What they are made of is known by its stand: the newest entry, block, act and session hour of the
registry, and the sums of the company's charges. Every act that changes a figure moves one of
them, and a figure whose stand differs is reckoned again. Where two transactions overlap, what the
earlier one numbered may be seen later; its block moves the stand then, and an hour is the bound.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from django.core.cache import cache
from django.db.models import Count, Max, Q, Sum

from certificates.models import Organisation
from charging.models import Session, SessionHour
from ledger.models import AuditEvent, Block, Entry

SECONDS = 3600
NEWEST = (Entry, Block, AuditEvent, SessionHour)
Figures = TypeVar("Figures")


def kept(
    name: str, organisation: Organisation, asked: Hashable, reckon: Callable[[], Figures]
) -> Figures:
    """What `reckon` says of a company, from the cache while the stand is the same.

    `asked` is what else the figures depend on: a year, a site. One answer is kept for each.
    """
    key = f"company-{name}-{organisation.pk}-{asked}".replace(" ", "")
    stand = _stand(organisation)  # read first: what changes meanwhile is then reckoned again
    found: tuple[Any, Figures] | None = cache.get(key)
    if found is not None and found[0] == stand:
        return found[1]
    figures = reckon()
    cache.set(key, (stand, figures), SECONDS)
    return figures


def _stand(organisation: Organisation) -> tuple[Any, ...]:
    newest = (model.objects.aggregate(last=Max("pk"))["last"] for model in NEWEST)
    charges = Session.objects.filter(claimant=organisation).aggregate(
        last=Max("pk"),
        wh=Sum("energy_wh"),
        final=Count("pk", filter=Q(final=True)),
        void=Count("pk", filter=Q(voided_at__isnull=False)),
    )
    return (*newest, *charges.values())
