"""What an organisation holds of each plant."""

from datetime import UTC, datetime, timedelta

from certificates.models import Device, Organisation
from certificates.queries.holding.selecting import DeviceSum
from certificates.queries.stretches import PlantHolding, held_by_plant

MINUTE_DIGITS = 8
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def held_plants(organisation: Organisation) -> list[DeviceSum]:
    """All certificates in the main account by plant, the largest first."""
    sums = {f"{int(each.plant, 16):018}": each for each in held_by_plant(organisation.account_id)}
    devices = Device.objects.select_related("area").filter(gsrn__in=sums)
    found = [_sum(device, sums[device.gsrn]) for device in devices]
    return sorted(found, key=lambda each: -each.amount_wh)


def _sum(device: Device, held: PlantHolding) -> DeviceSum:
    first, last = held.first, held.last
    ends = int(last[:MINUTE_DIGITS], 16) + int(last[MINUTE_DIGITS:], 16)
    return DeviceSum(
        device=device,
        lots=held.lots,
        amount_wh=held.amount_wh,
        first=EPOCH + timedelta(minutes=int(first[:MINUTE_DIGITS], 16)),
        ends_at=EPOCH + timedelta(minutes=ends),
    )
