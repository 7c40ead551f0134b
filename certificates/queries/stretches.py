"""Sums over plants by what is kept of their stretches, and by the rows where one was touched.

Each answer is what adding up every row would give: of a stretch that was touched since it was
kept, the rows are read. The names of touched stretches are read before or with what is kept, never
after, so that a stretch that is kept anew meanwhile counts once:
docs/decisions/0021-kept-totals.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum

from certificates.domain.stretches import (
    HOURS,
    I64,
    PLANT_DIGITS,
    first_hour,
    number_of,
    numbers_in,
    period_of,
    plant_of,
    unpacked,
)
from certificates.models import (
    Device,
    Lot,
    OwnRetirement,
    Reading,
    Retirement,
    StretchProduction,
    StretchUse,
    TouchedStretch,
)

RENEWABLE = Q(mask__in=(1, 3))
KINDS = "(SELECT '01' AS kind UNION ALL SELECT '02' UNION ALL SELECT '03')"
TOUCHED = "(SELECT DISTINCT stretch FROM certificates_touchedstretch)"
IS_HALF = """CASE WHEN substr(a.code, 39, 2) = '02' AND (
  SELECT l.mask FROM certificates_lotasset la JOIN certificates_lot l ON l.id = la.lot_id
  WHERE la.asset_id = a.id) = 3 THEN TRUE ELSE FALSE END"""
# What sums are parted by: EMISSIONS halves that were parted, and of all of a plant its stretches.
PARTED = {
    "stretch": "t.stretch",
    "account_id": "b.account_id",
    "is_half": IS_HALF,
    "own": "substr(a.code, 3, 20)",
}
WH = "SUM(b.amount) AS wh"
SUMS = f"COUNT(*) AS lots, {WH}, MIN(a.code) AS first, MAX(a.code) AS last"
# The assets of a stretch `t`. PostgreSQL expects millions of codes between any two, and would read
# every balance: OFFSET 0 has it go by the indexes.
RANGE = """a.kind = 'certificate'
  AND a.code >= k.kind || t.stretch AND a.code < k.kind || t.stretch || 'g'"""
# PostgreSQL adds up each stretch by itself. Asked for all rows at once, it remembers each balance
# in case its asset comes again, which none does, and sorts them by texts.
ROWS = {
    "postgresql": f"""SELECT t.stretch, s.* FROM {{some}} AS t CROSS JOIN {KINDS} AS k
CROSS JOIN LATERAL (SELECT {{columns}}, {{sums}}
  FROM (SELECT a.id, a.code FROM ledger_asset a WHERE {RANGE} OFFSET 0) AS a
  CROSS JOIN LATERAL (SELECT b.account_id, b.amount FROM ledger_balance b
    WHERE b.asset_id = a.id AND b.amount > 0 {{only}} OFFSET 0) AS b
  WHERE {{where}} GROUP BY {{names}}) AS s""",  # noqa: S608
    "sqlite": f"""SELECT {{columns}}, {{sums}} FROM {{some}} AS t CROSS JOIN {KINDS} AS k
CROSS JOIN ledger_asset a ON {RANGE}
CROSS JOIN ledger_balance b ON b.asset_id = a.id AND b.amount > 0 {{only}}
WHERE {{where}} GROUP BY {{names}}""",  # noqa: S608
}
IN_ACCOUNT = f"""
SELECT substr(stretch, 1, {PLANT_DIGITS}), SUM(lots), SUM(wh), MIN(first), MAX(last) FROM (
    SELECT stretch, lots, amount_wh AS wh, first, last FROM certificates_stretchholding
    WHERE account_id = %(account)s AND stretch NOT IN {TOUCHED}
    UNION ALL
    SELECT stretch, lots, wh, {{first}}, {{last}} FROM ({{rows}}) AS r
) AS parts GROUP BY substr(stretch, 1, {PLANT_DIGITS})
"""  # noqa: S608
OF_PLANTS = f"""
SELECT account_id, SUM(wh) FROM (
    SELECT account_id, amount_wh AS wh FROM certificates_stretchholding
    WHERE plant IN ({{plants}}) AND NOT is_half AND stretch NOT IN {TOUCHED}
    UNION ALL
    SELECT account_id, wh FROM ({{rows}}) AS r
) AS parts GROUP BY account_id
"""  # noqa: S608
TOUCHED_OF = f"""(SELECT DISTINCT stretch FROM certificates_touchedstretch
WHERE substr(stretch, 1, {PLANT_DIGITS}) IN ({{plants}}))"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class PlantHolding:
    """Wh of a plant's certificates in an account; `first` and `last` as in `StretchHolding`."""

    plant: str
    lots: int
    amount_wh: int
    first: str
    last: str


def held_by_plant(account: int) -> list[PlantHolding]:
    """What an account holds of each plant."""
    with connection.cursor() as cursor:
        only = "AND b.account_id = %(account)s"
        rows = held_of(TOUCHED, by=["stretch", "account_id"], only=only)
        question = IN_ACCOUNT.format(rows=rows, first=place_in("first"), last=place_in("last"))
        cursor.execute(question, {"account": account})
        return [
            PlantHolding(plant, int(lots), int(wh), first, last)
            for plant, lots, wh, first, last in cursor.fetchall()
        ]


def places(devices: Sequence[Device]) -> dict[int, int]:
    """Wh of the devices' certificates by account, without EMISSIONS halves."""
    plants = [plant_of(device.gsrn) for device in devices]
    if not plants:
        return {}
    marks = ", ".join(["%s"] * len(plants))
    with connection.cursor() as cursor:
        touched = TOUCHED_OF.format(plants=marks)
        rows = held_of(touched, by=["account_id"], where=f"NOT {IS_HALF}", sums=WH)
        question = OF_PLANTS.format(plants=marks, rows=rows)
        cursor.execute(question, [*plants, *plants])
        return {account: int(wh) for account, wh in cursor.fetchall()}


def held_of(
    some: str, *, by: Sequence[str], sums: str = SUMS, only: str = "", where: str = "TRUE"
) -> str:
    """What asks for sums over the balances above zero of stretches, parted by PARTED columns.

    `some` is a table of names of stretches, or of beginnings of names; each answers in several
    rows. `only` is a further condition on balances `b`, `where` one on their assets `a`.
    """
    is_lateral = connection.vendor == "postgresql"  # there the stretch stands outside
    names = [name for name in by if name != "stretch" or not is_lateral]
    columns = ", ".join(f"{PARTED[name]} AS {name}" for name in names)
    about = {"some": some, "sums": sums, "only": only, "where": where}
    return ROWS[connection.vendor].format(columns=columns, names=", ".join(names), **about)


def place_in(code: str) -> str:
    """Start and length of an interval, as they stand in its asset's code."""
    return f"substr({code}, 19, 12)"


class Touched:
    """Which stretches of some devices were touched, read once, before what is kept of them."""

    def __init__(self, devices: Sequence[Device]) -> None:
        self.devices = {plant_of(device.gsrn): device.pk for device in devices}
        rows = TouchedStretch.objects.values_list("stretch", flat=True).distinct()
        self.stretches = [s for s in rows if s[:PLANT_DIGITS] in self.devices]

    def kept(self, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        """What is kept of the devices and counts."""
        return rows.filter(plant__in=list(self.devices)).exclude(stretch__in=self.stretches)

    def periods(self) -> Iterator[tuple[int, list[int]]]:
        """The numbers of touched stretches, each with the devices whose stretch was touched."""
        found: dict[int, list[int]] = defaultdict(list)
        for stretch in self.stretches:
            found[number_of(stretch)].append(self.devices[stretch[:PLANT_DIGITS]])
        yield from sorted(found.items())


def uses(devices: Sequence[Device]) -> dict[tuple[str, str, bool], int]:
    """Wh used, by the name of who claims them, the purpose, and whether at an own address."""
    touched = Touched(devices)
    rows = touched.kept(StretchUse.objects.all())
    rows = rows.values_list("claimant__name", "purpose", "is_own").annotate(wh=Sum("amount_wh"))
    found: dict[tuple[str, str, bool], int] = defaultdict(int)
    for name, purpose, is_own, wh in rows.order_by():
        found[name, purpose, is_own] += int(wh)
    for number, pks in touched.periods():
        for is_own, some in uses_in(number, pks):
            owner = "organisation__name" if is_own else "claimant__name"
            purposes = () if is_own else ("purpose",)
            for name, *purpose, wh in some.values_list(owner, *purposes).annotate(
                wh=Sum("amount_wh")
            ):
                found[name, purpose[0] if purpose else "", is_own] += int(wh)
    return dict(found)


def produced_wh(devices: Sequence[Device]) -> int:
    """What was metered above zero by all the readings in force."""
    touched = Touched(devices)
    sums = touched.kept(StretchProduction.objects.all()).aggregate(wh=Sum("produced_wh", default=0))
    found = int(sums["wh"])
    for number, pks in touched.periods():
        found += int(produced_in(number, pks).aggregate(wh=Sum("energy_wh", default=0))["wh"])
    return found


def intervals(devices: Sequence[Device]) -> dict[int, int]:
    """How many intervals of each device have a reading, in whatever state."""
    touched = Touched(devices)
    found: dict[int, int] = defaultdict(int)
    rows = touched.kept(StretchProduction.objects.all()).values_list("plant")
    for plant, count in rows.annotate(count=Sum("intervals")).order_by():
        found[touched.devices[plant]] += int(count)
    for number, pks in touched.periods():
        some = metered_in(number, pks).values_list("device").annotate(count=Count("*"))
        for device, count in some.order_by():
            found[device] += count
    return dict(found)


def hours(devices: Sequence[Device], starts_at: datetime, ends_at: datetime) -> tuple[I64, I64]:
    """Wh metered above zero and Wh issued, by hour of [starts_at, ends_at), both on the hour."""
    numbers = numbers_in(starts_at, ends_at)
    begin = first_hour(numbers.start)
    length = first_hour(numbers.stop) - begin + HOURS
    produced, certified = np.zeros(length, np.int64), np.zeros(length, np.int64)
    touched = Touched(devices)
    plants = list(touched.devices)
    wanted = [f"{plant}{number:04x}" for number in numbers for plant in plants]
    kept = StretchProduction.objects.filter(
        plant__in=plants, stretch__in=set(wanted) - set(touched.stretches)
    )
    for stretch, metered, issued in kept.values_list(
        "stretch", "produced_hours", "certified_hours"
    ).iterator(chunk_size=500):
        at = first_hour(number_of(stretch)) - begin
        produced[at : at + HOURS] += unpacked(bytes(metered))
        certified[at : at + HOURS] += unpacked(bytes(issued))
    for number, pks in touched.periods():
        if number in numbers:
            at = first_hour(number) - begin
            produced[at : at + HOURS] += _by_hour(produced_in(number, pks), "energy_wh", number)
            certified[at : at + HOURS] += _by_hour(issued_in(number, pks), "amount_wh", number)
    first = int(starts_at.timestamp()) // 3_600 - begin
    last = int(ends_at.timestamp()) // 3_600 - begin
    return produced[first:last], certified[first:last]


def produced_in(number: int, devices: Iterable[int]) -> "QuerySet[Reading]":
    """The readings in force above zero of devices' stretches of a number."""
    return Reading.objects.latest_versions().filter(
        **_within(number, devices), status=Reading.Status.ACCEPTED, energy_wh__gt=0
    )


def metered_in(number: int, devices: Iterable[int]) -> "QuerySet[Reading]":
    """The first statement of each interval of devices' stretches of a number, in any state."""
    return Reading.objects.filter(**_within(number, devices), version=1)


def issued_in(number: int, devices: Iterable[int]) -> "QuerySet[Lot]":
    """The lots that stand of devices' stretches of a number."""
    return Lot.objects.standing().filter(**_within(number, devices))


def uses_in(number: int, devices: Iterable[int]) -> "list[tuple[bool, QuerySet[Any]]]":
    """What stands as used of devices' stretches of a number: here, and at own addresses."""
    lots = {f"lot__{name}": value for name, value in _within(number, devices).items()}
    return [
        (False, Retirement.objects.standing().filter(RENEWABLE, **lots).order_by()),
        (True, OwnRetirement.objects.filter(RENEWABLE, **lots).order_by()),
    ]


def add_hours(into: I64, number: int, rows: Iterable[tuple[datetime, int]]) -> None:
    """Add Wh to the hours of a stretch of this number in which they start."""
    begin = first_hour(number)
    for at, wh in rows:
        into[int(at.timestamp()) // 3_600 - begin] += int(wh)


def _by_hour(rows: "QuerySet[Any]", amount: str, number: int) -> I64:
    found = np.zeros(HOURS, np.int64)
    add_hours(found, number, rows.values_list("starts_at").annotate(wh=Sum(amount)).order_by())
    return found


def _within(number: int, devices: Iterable[int]) -> dict[str, Any]:
    starts_at, ends_at = period_of(number)
    return {
        "device__in": list(devices),
        "starts_at__gte": starts_at,
        "starts_at__lt": ends_at,
    }
