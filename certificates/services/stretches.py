"""What is kept of stretches: naming those that change, and keeping them anew."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Sum

from certificates.domain.stretches import (
    HOURS,
    I64,
    MINUTE_BITS,
    PLANT_DIGITS,
    number_of,
    packed,
    stretches_of,
)
from certificates.models import (
    Device,
    StretchHolding,
    StretchProduction,
    StretchUse,
    TouchedStretch,
)
from certificates.queries.stretches import (
    add_hours,
    held_of,
    issued_in,
    metered_in,
    place_in,
    produced_in,
    uses_in,
)

AT_ONCE = 20  # stretches kept anew in one transaction: a fraction of a second
KEEPING = 7_411_905_226_100_021  # the advisory lock of whoever keeps
FRESH = """INSERT INTO certificates_touchedstretch (stretch)
SELECT DISTINCT substr(code, 3, 20) FROM ledger_asset WHERE kind = 'certificate' AND id """
AMONG = {"postgresql": "= ANY(%s::bigint[])", "sqlite": "IN (SELECT value FROM json_each(%s))"}
HOLDINGS = f"""INSERT INTO certificates_stretchholding
(stretch, plant, account_id, is_half, lots, amount_wh, first, last)
SELECT stretch, substr(stretch, 1, {PLANT_DIGITS}), account_id, is_half, SUM(lots), SUM(wh),
    {place_in("MIN(first)")}, {place_in("MAX(last)")}
FROM ({{rows}}) AS parts GROUP BY stretch, account_id, is_half"""  # noqa: S608


def touch_assets(assets: Iterable[int]) -> None:
    """What is held of these assets changes in this transaction."""
    ids = list(assets)
    with connection.cursor() as cursor:
        at_once = connection.vendor == "postgresql"
        cursor.execute(FRESH + AMONG[connection.vendor], [ids if at_once else json.dumps(ids)])


def touch_readings(*, device: Device, minutes: "Sequence[int] | I64") -> None:
    """Readings of a device that start in these minutes since 1970 change in this transaction."""
    touch(stretches_of(device.gsrn, minutes))


def touch(names: Iterable[str]) -> None:
    """What is kept of these stretches is out of date once this transaction is committed."""
    TouchedStretch.objects.bulk_create([TouchedStretch(stretch=name) for name in sorted(names)])


def touch_all() -> None:
    """Name every stretch that there is, so that all are kept anew."""
    with connection.cursor() as cursor:
        cursor.execute(FRESH + "> 0")
    _touch_all_readings()


@transaction.atomic
def keep_some() -> int:
    """Keep some touched stretches anew, if nobody else does; returns how many there were.

    Their names go first, and then the rows are read: what commits in between is in the rows, and
    its name, which was not there to go, has them read once more.
    """
    if not _is_only_one():
        return 0
    rows = TouchedStretch.objects.values_list("stretch", flat=True).order_by("stretch").distinct()
    stretches = list(rows[:AT_ONCE])
    if stretches:
        TouchedStretch.objects.filter(stretch__in=stretches).delete()
        for model in (StretchHolding, StretchProduction, StretchUse):
            plants = {stretch[:PLANT_DIGITS] for stretch in stretches}
            model.objects.filter(plant__in=plants, stretch__in=stretches).delete()  # type: ignore[attr-defined]
        _keep(stretches)
    return len(stretches)


def _is_only_one() -> bool:
    if connection.vendor != "postgresql":
        return True  # SQLite lets one write at a time
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [KEEPING])
        return bool(cursor.fetchone()[0])


def _keep(stretches: Sequence[str]) -> None:
    some = " UNION ALL ".join(["SELECT %s AS stretch"] * len(stretches))
    with connection.cursor() as cursor:
        rows = held_of(f"({some})", by=["stretch", "account_id", "is_half"])
        cursor.execute(HOLDINGS.format(rows=rows), stretches)
    gsrns = {stretch: f"{int(stretch[:PLANT_DIGITS], 16):018}" for stretch in stretches}
    devices = dict(Device.objects.filter(gsrn__in=gsrns.values()).values_list("gsrn", "pk"))
    known = {stretch: devices[gsrn] for stretch, gsrn in gsrns.items() if gsrn in devices}
    StretchProduction.objects.bulk_create(
        StretchProduction(plant=stretch[:PLANT_DIGITS], stretch=stretch, **facts)
        for stretch, device in known.items()
        if (facts := production(stretch, device))
    )
    StretchUse.objects.bulk_create(
        StretchUse(plant=stretch[:PLANT_DIGITS], stretch=stretch, **facts)
        for stretch, device in known.items()
        for facts in used(stretch, device)
    )


def production(stretch: str, device: int) -> Mapping[str, Any]:
    """What is to be kept of a stretch's readings and lots; nothing where there are none."""
    number = number_of(stretch)
    metered, issued = np.zeros(HOURS, np.int64), np.zeros(HOURS, np.int64)
    rows = produced_in(number, [device]).values_list("starts_at", "energy_wh")
    add_hours(metered, number, rows.order_by())
    lots = issued_in(number, [device]).values_list("starts_at", "amount_wh")
    add_hours(issued, number, lots.order_by())
    count = metered_in(number, [device]).count()
    if not count and not issued.any():
        return {}
    return {
        "intervals": count,
        "produced_wh": int(metered.sum()),
        "produced_hours": packed(metered),
        "certified_hours": packed(issued),
    }


def used(stretch: str, device: int) -> list[dict[str, Any]]:
    """What is to be kept of a stretch's retirements."""
    found = []
    for is_own, rows in uses_in(number_of(stretch), [device]):
        names = ("organisation",) if is_own else ("claimant", "purpose")
        for who, *purpose, wh in rows.values_list(*names).annotate(wh=Sum("amount_wh")):
            found.append(
                {
                    "claimant_id": who,
                    "purpose": purpose[0] if purpose else "",
                    "is_own": is_own,
                    "amount_wh": int(wh),
                }
            )
    return found


def _touch_all_readings() -> None:
    """Plants with readings of which nothing was issued are named by their readings."""
    for device in Device.objects.filter(readings__isnull=False).distinct().iterator():
        span = device.readings.order_by("starts_at").values_list("starts_at", flat=True)
        first, last = (int(at.timestamp()) // 60 for at in (span[0], span.reverse()[0]))
        numbers = np.arange(first >> MINUTE_BITS, (last >> MINUTE_BITS) + 1)
        touch_readings(device=device, minutes=numbers << MINUTE_BITS)
