"""What is held of lots whose production lies long ago."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from ledger.models import Balance

LOT = "asset__lot_asset__lot"
HOUR = timedelta(hours=1)  # the longest interval


@dataclass(frozen=True, slots=True)
class Expiring:
    """Wh of one asset in one account, and when the interval they were made in ended."""

    balance: int
    account: int
    asset: int
    organisation: int
    code: str
    ends_at: datetime
    amount_wh: int


def expiring(before: datetime, limit: int | None = None) -> Iterator[Expiring]:
    """Holdings of lots whose interval ended at or before an instant, the oldest first.

    The main account of an organisation and those beside it alike.
    """
    rows: QuerySet[Balance] = Balance.objects.filter(
        amount__gt=0,
        account__system="",
        **{f"{LOT}__starts_at__lt": before},
    )
    found = rows.order_by(f"{LOT}__starts_at", "account", "asset").values_list(
        "pk",
        "account",
        "asset",
        "account__organisation",
        "account__sub_account__organisation",
        "asset__code",
        f"{LOT}__starts_at",
        f"{LOT}__length_minutes",
        "amount",
    )
    for pk, account, asset, main, beside, code, start, minutes, wh in found[:limit]:
        ends_at = start + timedelta(minutes=minutes)
        if ends_at <= before:
            yield Expiring(pk, account, asset, main or beside, code, ends_at, wh)
