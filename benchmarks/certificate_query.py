"""Certificate queries over the API with many lots: the slowest of every twenty answers.

    python -m benchmarks.certificate_query [LOTS]

LOTS is the smallest size (10,000 unless given; 4 and 16 times are added): 312500 ends at
5,000,000. Plants have a year of hours each; 95 of 100 belong to the first of two producers,
and a company gets a share of every lot. Requests go through the whole application, without
a network. The rows are made by the database itself, in its own SQL.
"""

import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.figures import SCALES
from benchmarks.registry import empty_registry

GOAL_MS = 150
ROUNDS = 40  # of each question
NO_GOAL = {"ten thousand in a page", "the sum of an account"}
HOURS = 8_760
NOW = datetime(2040, 1, 1, tzinfo=UTC)
START = datetime(2018, 1, 1, tzinfo=UTC)
FIRST_MINUTE = int(START.timestamp()) // 60
GSRN = 735999100000000000
DIALECTS = {
    # The code of a lot, and an instant, from the number of a plant and of an hour.
    "postgresql": (
        "'01' || lpad(to_hex({gsrn}), 16, '0') || lpad(to_hex({minute}), 8, '0') || '003c00000000'",
        "timestamptz '2018-01-01T00:00Z' + h * interval '1 hour'",
    ),
    "sqlite": (
        "'01' || printf('%016x%08x', {gsrn}, {minute}) || '003c00000000'",
        "datetime('2018-01-01', '+' || h || ' hours')",
    ),
}
LOTS = """WITH RECURSIVE d(d) AS (SELECT {first} UNION ALL SELECT d + 1 FROM d WHERE d + 1 < {end}),
h(h) AS (SELECT 0 UNION ALL SELECT h + 1 FROM h WHERE h + 1 < {hours})
SELECT {what} FROM d, h"""
N = "(d * 8760 + h + 1)"
TABLES = [
    (
        "ledger_entry (id, key, kind, content_hash, posted_at)",
        f"{N}, 'bench:' || {N}, 'issue', {{bytes}}, {{now}}",
    ),
    ("ledger_asset (id, kind, code, unit)", f"{N}, 'certificate', {{code}} || '03', 'Wh'"),
    (
        "certificates_lot (id, device_id, starts_at, length_minutes, sequence, code, mask, "
        "amount_wh, quality, factor_id, factor_ug_per_wh, reading_id, entry_id, issued_at)",
        f"{N}, {{device}}, {{starts}}, 60, 0, {{code}} || '00', 3, 1000, 'measured', {{factor}}, "
        f"11000, {{reading}}, {N}, {{now}}",
    ),
    ("certificates_lotasset (asset_id, lot_id, mask)", f"{N}, {N}, 3"),
    (
        "ledger_balance (account_id, asset_id, amount, may_be_negative)",
        f"{{source}}, {N}, -1000, {{yes}}",
    ),
    (
        "ledger_balance (account_id, asset_id, amount, may_be_negative)",
        f"{{owner}}, {N}, 900, {{no}}",
    ),
    (
        "ledger_balance (account_id, asset_id, amount, may_be_negative)",
        f"{{company}}, {N}, 100, {{no}}",
    ),
]
UNCHECKED = {
    "postgresql": "SET session_replication_role = replica",
    "sqlite": "PRAGMA foreign_keys = OFF",
}
Ask = Callable[[random.Random], str]


class Registry:
    """Two producers and a company, and as many plants as were asked for so far."""

    def __init__(self) -> None:
        from certificates.models import MeterFile, Reading
        from certificates.services.api_keys import create_api_key
        from certificates.services.organisations import register_organisation
        from ledger.services.accounts import system_account

        self.owners = [
            register_organisation(name=name, slug=name.lower(), roles=["producer"], now=NOW)
            for name in ("Large", "Small")
        ]
        self.company = register_organisation(
            name="Company", slug="company", roles=["charging_company"], now=NOW
        )
        self.secrets = {
            each.slug: create_api_key(
                organisation=each, label="b", scopes=["certificates:read"], actor="b", now=NOW
            )[1]
            for each in (*self.owners, self.company)
        }
        self.source, self.plants = system_account("issued").pk, 0
        device = self.plant(0)
        file = MeterFile.objects.create(
            key="b", device=device, sha256="0" * 64, name="b", status="imported", uploaded_at=NOW
        )
        self.reading = Reading.objects.create(
            device=device,
            starts_at=START,
            ends_at=NOW,
            energy_wh=1,
            raw_value="1",
            file=file,
            line=1,
        )

    def plant(self, number: int) -> Any:
        """The device of a number; one of twenty is the small producer's."""
        from certificates.models import Area, Device

        device, _ = Device.objects.get_or_create(
            gsrn=str(GSRN + number),
            defaults={
                "gsrn_origin": "synthetic",
                "name": f"Plant {number}",
                "organisation": self.owners[number % 20 == 7],
                "technology_code": "T020001",
                "energy_source_code": "F01050100" if number % 3 else "F01040100",
                "capacity_w": 2_000_000,
                "area": Area.objects.get(code="10YGB----------A"),
                "commissioned_on": START.date(),
                "status": "approved",
                "registered_at": NOW,
            },
        )
        return device

    def grow(self, plants: int) -> None:
        """Add a year of lots of further plants, up to a number of them."""
        from django.db import connection, transaction

        from certificates.models import EmissionFactor

        code, starts = DIALECTS[connection.vendor]
        postgres = connection.vendor == "postgresql"
        same = {
            "bytes": "decode(repeat('00', 32), 'hex')" if postgres else "zeroblob(32)",
            "now": "timestamptz '2040-01-01Z'" if postgres else "'2040-01-01 00:00:00'",
            "starts": starts,
            "factor": EmissionFactor.objects.order_by("pk")[0].pk,
            "reading": self.reading.pk,
            "source": self.source,
            "company": self.company.account_id,
            "yes": "true" if postgres else "1",
            "no": "false" if postgres else "0",
        }
        with connection.cursor() as cursor:  # each row points at rows made just before it
            cursor.execute(UNCHECKED[connection.vendor])
        for number in range(self.plants, plants):
            device = self.plant(number)
            minute = f"{FIRST_MINUTE} + 60 * h"
            about = {"device": device.pk, "owner": device.organisation.account_id}
            about["code"] = code.format(gsrn=device.gsrn, minute=minute)
            with transaction.atomic(), connection.cursor() as cursor:
                for table, what in TABLES:
                    rows = LOTS.format(
                        first=number, end=number + 1, hours=HOURS, what=what.format(**same, **about)
                    )
                    cursor.execute(f"INSERT INTO {table} {rows}")
        self.plants = plants
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def questions(registry: Registry) -> Iterator[tuple[str, str, Ask]]:
    """What is asked, by whom (short name), and the address for a random draw."""
    from ledger.api.paging import NEXT, Cursor

    def device(draw: random.Random) -> str:
        return str(GSRN + draw.randrange(registry.plants))

    def month(draw: random.Random, days: int = 30) -> str:
        begin = START + timedelta(days=draw.randrange(365 - days))
        ends = begin + timedelta(days=days)
        return f"starts_from={begin:%Y-%m-%dT%H:%MZ}&starts_before={ends:%Y-%m-%dT%H:%MZ}"

    def page(draw: random.Random) -> str:
        place = Cursor(NEXT, [draw.randrange(1, registry.plants * HOURS)])
        return f"certificates/?cursor={place.encode()}"

    for who in ("large", "small", "company"):
        yield f"first page, {who}", who, lambda draw: "certificates/"
        yield f"some page, {who}", who, page
        yield f"a month, {who}", who, lambda draw: f"certificates/?{month(draw)}"
        yield (
            f"a source's day, {who}",
            who,
            lambda draw: f"certificates/?energy_source_code=F01040100&country=GB&{month(draw, 1)}",
        )
        yield (
            f"a plant's month, {who}",
            who,
            lambda draw: f"certificates/?device={device(draw)}&{month(draw)}",
        )
    yield "lots, first page", "large", lambda draw: "lots/"
    yield "lots, a month", "large", lambda draw: f"lots/?{month(draw)}"
    yield (
        "lots, a plant's month",
        "large",
        lambda draw: f"lots/?device={device(draw)}&{month(draw)}",
    )
    yield "ten thousand in a page", "large", lambda draw: "certificates/?limit=10000"
    yield "the sum of an account", "large", lambda draw: "account/held/"


def measure(registry: Registry, scale: int) -> None:
    """Print the median and the 95th percentile of each question at this size."""
    from django.test import Client

    client, draw = Client(), random.Random(scale)
    for name, who, ask in questions(registry):
        headers = {"Authorization": f"Bearer {registry.secrets[who]}"}
        times = []
        for _ in range(ROUNDS):
            address = f"/api/v1/{ask(draw)}"
            began = time.perf_counter()
            answer = client.get(address, headers=headers)
            times.append((time.perf_counter() - began) * 1_000)
            if answer.status_code != 200:
                raise SystemExit(f"{address}: {answer.content!r}")
        times.sort()
        late = times[int(0.95 * ROUNDS)]
        mark = "" if late < GOAL_MS or name in NO_GOAL else f"  (goal {GOAL_MS} ms)"
        print(
            f"{name:<28}{scale:>4}x{registry.plants * HOURS:>12,}"
            f"{times[ROUNDS // 2]:>10.1f}{late:>10.1f}{mark}",
            flush=True,
        )


def main(smallest: int) -> None:
    """Print every question at each size."""
    with empty_registry():
        from django.conf import settings

        settings.ALLOWED_HOSTS = ["testserver"]
        registry = Registry()
        print(f"{'question':<28}{'size':>5}{'lots':>12}{'median ms':>10}{'p95 ms':>10}")
        for scale in SCALES:
            began = time.perf_counter()
            registry.grow(max(1, round(smallest * scale / HOURS)))
            print(f"-- rows made in {time.perf_counter() - began:.0f} s", flush=True)
            measure(registry, scale)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
