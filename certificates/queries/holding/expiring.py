"""What is held of lots whose production lies long ago."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from certificates.domain.formats.times import text_of
from certificates.domain.meter_values import minute_of
from ledger.models import Balance

LOT = "asset__lot_asset__lot"
FACTS = (
    "pk",
    "account",
    "asset",
    "account__organisation",
    "account__sub_account__organisation",
    "asset__code",
    "amount",
)
HOUR = timedelta(hours=1)  # the longest interval


@dataclass(frozen=True, slots=True)
class Expiring:
    """Wh of one asset in one account, and when the interval they were made in ended.

    Of what was brought in with an end of its own, `ends_at` is that end.
    """

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
    rows = _held().filter(**{f"{LOT}__starts_at__lt": before})
    found = rows.order_by(f"{LOT}__starts_at", "account", "asset").values_list(
        *FACTS, f"{LOT}__starts_at", f"{LOT}__length_minutes"
    )
    for pk, account, asset, main, beside, code, wh, start, minutes in found[:limit]:
        ends_at = start + timedelta(minutes=minutes)
        if ends_at <= before:
            yield Expiring(pk, account, asset, main or beside, code, ends_at, wh)


def expiring_elsewhere(before: datetime, limit: int | None = None) -> Iterator[Expiring]:
    """Holdings that another registry issued and let expire at or before an instant.

    Whatever this registry's terms are, a certificate lasts no longer than its issuer said.
    """
    stated = Cast(KeyTextTransform("expires_at", f"{LOT}__external_range__facts"), TextField())
    rows = _held().filter(**{f"{LOT}__external_range__isnull": False}).annotate(expires_at=stated)
    found = rows.filter(expires_at__lte=text_of(minute_of(before)))
    ordered = found.order_by("expires_at", "account", "asset").values_list(*FACTS, "expires_at")
    for pk, account, asset, main, beside, code, wh, expires in ordered[:limit]:
        ends_at = datetime.fromisoformat(expires)
        yield Expiring(pk, account, asset, main or beside, code, ends_at, wh)


def _held() -> "QuerySet[Balance]":
    return Balance.objects.filter(amount__gt=0, account__system="")
