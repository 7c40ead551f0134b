"""What an organisation holds of each plant, added up in the database."""

from datetime import UTC, datetime, timedelta

from django.db.models import Count, Max, Min, Sum
from django.db.models.functions import Substr

from certificates.models import Device, Organisation
from certificates.queries.selecting import DeviceSum
from ledger.models import Asset, Balance

# Where the code of a token id (ledger.domain.token_id) names the plant and the interval: from
# 1, and digits. So no lot is read, of which there may be millions.
PLANT, INTERVAL = (3, 16), (19, 12)
MINUTE_DIGITS = 8
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def held_plants(organisation: Organisation) -> list[DeviceSum]:
    """All certificates in the main account by plant, the largest first."""
    held = Balance.objects.filter(
        account=organisation.account_id, amount__gt=0, asset__kind=Asset.Kind.CERTIFICATE
    )
    interval = Substr("asset__code", *INTERVAL)
    rows = (
        held.annotate(plant=Substr("asset__code", *PLANT))
        .values_list("plant")
        .annotate(lots=Count("pk"), wh=Sum("amount"), first=Min(interval), last=Max(interval))
        .order_by()
    )
    sums = {f"{int(plant, 16):018}": facts for plant, *facts in rows}
    devices = Device.objects.select_related("area").filter(gsrn__in=sums)
    found = [_sum(device, *sums[device.gsrn]) for device in devices]
    return sorted(found, key=lambda each: -each.amount_wh)


def _sum(device: Device, lots: int, wh: int, first: str, last: str) -> DeviceSum:
    ends = int(last[:MINUTE_DIGITS], 16) + int(last[MINUTE_DIGITS:], 16)
    return DeviceSum(
        device=device,
        lots=lots,
        amount_wh=int(wh),
        first=EPOCH + timedelta(minutes=int(first[:MINUTE_DIGITS], 16)),
        ends_at=EPOCH + timedelta(minutes=ends),
    )
