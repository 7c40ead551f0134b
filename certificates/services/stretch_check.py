"""Is what is kept of plants and times what their rows add up to? Part of the consistency check."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection

from certificates.domain.stretches import MINUTE_BITS, PLANT_DIGITS, plant_of
from certificates.models import Device, Lot, Reading, StretchProduction, StretchUse, TouchedStretch
from certificates.queries.stretches import held_of
from certificates.services.stretches import production, used
from ledger.services.consistency import SHOWN, Finding, tell

CHECK = "kept totals"
ATTEMPTS = 3  # what commits between two looks makes a difference that the next look has not
TOUCHED = "(SELECT stretch FROM certificates_touchedstretch)"
# The prefix of a plant's stretches is a name of all its assets, as a stretch is of some.
DIFFERENT = f"""
SELECT stretch, account_id, SUM(kept), SUM(counted) FROM (
    SELECT stretch, account_id, is_half, amount_wh AS kept, 0 AS counted, lots AS kept_lots,
        0 AS counted_lots FROM certificates_stretchholding WHERE plant = %s
    UNION ALL
    SELECT own, account_id, is_half, 0, wh, 0, lots FROM ({{rows}}) AS r
) AS sides WHERE stretch NOT IN {TOUCHED} GROUP BY stretch, account_id, is_half
HAVING SUM(kept) <> SUM(counted) OR SUM(kept_lots) <> SUM(counted_lots)
ORDER BY stretch, account_id
"""  # noqa: S608


def check() -> Iterator[Finding]:
    """What is kept of each plant and time is what its certificates and readings add up to."""
    shown = 0
    total = Device.objects.count()
    for done, device in enumerate(Device.objects.order_by("pk").iterator()):
        tell(CHECK, done, total)
        for subject, message in (*_holdings(device), *_facts(device)):
            yield Finding(CHECK, f"{device.name}, {subject}", message)
            shown += 1
            if shown >= SHOWN:
                return


def _holdings(device: Device) -> Iterator[tuple[str, str]]:
    plant = plant_of(device.gsrn)
    with connection.cursor() as cursor:
        rows = held_of("(SELECT %s AS stretch)", by=["own", "account_id", "is_half"])
        cursor.execute(DIFFERENT.format(rows=rows), [plant, plant])
        found = cursor.fetchall()
    for stretch, account, kept, counted in found:
        yield (
            f"stretch {stretch}, account {account}",
            f"{kept} Wh are kept, its balances add up to {counted}.",
        )


def _facts(device: Device) -> Iterator[tuple[str, str]]:
    """Readings, lots and uses: read in several looks, so that a difference is looked at again."""
    plant = plant_of(device.gsrn)
    kept = set(StretchProduction.objects.filter(plant=plant).values_list("stretch", flat=True))
    kept |= set(StretchUse.objects.filter(plant=plant).values_list("stretch", flat=True))
    starts = {f"{plant}{number:04x}" for number in _numbers(device)}
    for stretch in sorted(kept | starts):
        for _ in range(ATTEMPTS):
            found = _differences(stretch, device.pk)
            if not found or TouchedStretch.objects.filter(stretch=stretch).exists():
                found = []
                break
        yield from ((f"stretch {stretch}", message) for message in found)


def _numbers(device: Device) -> set[int]:
    found: set[int] = set()
    for model in (Reading, Lot):
        rows = model.objects.filter(device=device).order_by("starts_at")  # type: ignore[attr-defined]
        starts = rows.values_list("starts_at", flat=True)
        first, last = starts.first(), starts.last()
        if first is not None and last is not None:
            begin, end = (int(at.timestamp()) // 60 >> MINUTE_BITS for at in (first, last))
            found |= set(range(begin, end + 1))
    return found


def _differences(stretch: str, device: int) -> list[str]:
    rows = StretchProduction.objects.filter(stretch=stretch, plant=stretch[:PLANT_DIGITS])
    names = ("intervals", "produced_wh", "produced_hours", "certified_hours")
    kept = rows.values(*names).first() or {}
    counted = production(stretch, device)
    found = [
        f"{name.replace('_', ' ')}: {_told(kept, name)} kept, {_told(counted, name)} counted."
        for name in names
        if _plain(kept, name) != _plain(counted, name)
    ]
    uses = StretchUse.objects.filter(stretch=stretch, plant=stretch[:PLANT_DIGITS])
    fields = ("claimant_id", "purpose", "is_own", "amount_wh")
    kept_uses = sorted(uses.values_list(*fields))
    counted_uses = sorted(tuple(each[name] for name in fields) for each in used(stretch, device))
    if kept_uses != counted_uses:
        found.append(f"uses: {kept_uses} kept, {counted_uses} counted.")
    return found


def _plain(facts: Mapping[str, Any], name: str) -> Any:
    value = facts.get(name) or 0
    return value if isinstance(value, int) else bytes(value)


def _told(facts: Mapping[str, Any], name: str) -> str:
    value = _plain(facts, name)
    return str(value) if isinstance(value, int) else "other hours"
