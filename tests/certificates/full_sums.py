"""What pages say of plants, added up row by row: what the kept totals have to be equal to."""

from datetime import UTC, datetime

from django.db.models import Count, Q, Sum

from certificates.models import Lot, OwnRetirement, Reading, Retirement
from ledger.models import Balance

RENEWABLE = Q(mask__in=(1, 3))


def held(organisation):
    """Lots and Wh of each plant in the main account."""
    rows = Balance.objects.filter(account=organisation.account_id, amount__gt=0)
    rows = rows.values_list("asset__lot_asset__lot__device").order_by()
    sums = rows.annotate(lots=Count("pk"), wh=Sum("amount"))
    return {device: (lots, wh) for device, lots, wh in sums}


def in_systems(devices, system):
    """Wh of the devices in one of the system's accounts, a parted Wh once."""
    rows = Balance.objects.filter(
        asset__lot_asset__lot__device__in=devices, account__system=system
    ).exclude(asset__lot_asset__mask=2, asset__lot_asset__lot__mask=3)
    return rows.aggregate(wh=Sum("amount", default=0))["wh"]


def used(devices):
    """Wh of the devices by claimant, here and at addresses of holders' own."""
    here = Retirement.objects.standing().filter(RENEWABLE, lot__device__in=devices)
    there = OwnRetirement.objects.filter(RENEWABLE, lot__device__in=devices)
    return sum(rows.aggregate(wh=Sum("amount_wh", default=0))["wh"] for rows in (here, there))


def hours(devices, year):
    """Wh metered above zero and Wh issued by day and hour of a UTC year."""
    period = {
        "device__in": devices,
        "starts_at__gte": datetime(year, 1, 1, tzinfo=UTC),
        "starts_at__lt": datetime(year + 1, 1, 1, tzinfo=UTC),
    }
    metered = Reading.objects.filter(
        **period, status="accepted", energy_wh__gt=0, replaced_by__isnull=True
    ).values_list("starts_at", "energy_wh")
    issued = Lot.objects.standing().filter(**period).values_list("starts_at", "amount_wh")
    return _by_hour(metered), _by_hour(issued)


def _by_hour(rows):
    found = {}
    for at, wh in rows:
        found[at.date(), at.hour] = found.get((at.date(), at.hour), 0) + wh
    return found
