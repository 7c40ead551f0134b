"""What the front page says of the registry as it is now."""

from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from certificates.models import Lot
from charging.models import Receipt, Session
from ledger.models import Block

EXAMPLE_CANDIDATES = 400
EXAMPLE_HOURS = (3, 8)
EXAMPLE_SHARE = 0.8
RETIREMENT = "session__hours__allocations__retirement"
STANDS = Q(**{f"{RETIREMENT}__entry__reversal__isnull": True})


@dataclass(frozen=True, slots=True)
class RegistryNow:
    """Counts of what is there; `block` is the height of the latest sealed block."""

    issued_lots: int
    sessions: int
    receipts: int
    block: int | None


def registry_now() -> RegistryNow:
    """The registry's size, counted now."""
    return RegistryNow(
        issued_lots=Lot.objects.standing().count(),
        sessions=Session.objects.count(),
        receipts=Receipt.objects.count(),
        block=Block.objects.values_list("height", flat=True).first(),
    )


def example_receipt() -> str | None:
    """The public id of a certified receipt worth showing: several hours, some of them matched.

    Only for a demo: a registry of real people never shows one receipt to another's eyes.
    """
    # A number is given by the chain alone, so that what has one stands for ever.
    certified = Receipt.objects.filter(
        link_revoked_at__isnull=True,
        **{f"{RETIREMENT}__first_renewable_wh__isnull": False},
    )
    recent = list(
        certified.order_by("id").values_list("id", flat=True).distinct()[:EXAMPLE_CANDIDATES]
    )
    shapes = (
        Receipt.objects.filter(id__in=recent)
        .annotate(
            hours=Count("session__hours", distinct=True),
            matched_wh=Sum(f"{RETIREMENT}__amount_wh", filter=STANDS, default=0),
        )
        .order_by("id")
        .values_list("public_id", "hours", "matched_wh", "session__energy_wh")
    )
    best = max(shapes, key=lambda shape: _worth_showing(*shape[1:]), default=None)
    return best[0] if best else None


def _worth_showing(hours: int, matched_wh: int, energy_wh: int) -> tuple[bool, float]:
    least, most = EXAMPLE_HOURS
    return least <= hours <= most, -abs(matched_wh / energy_wh - EXAMPLE_SHARE)
