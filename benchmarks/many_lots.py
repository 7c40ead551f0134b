"""A registry with many lots, made by the database itself in its own SQL.

Every plant has a year of hours, each with its reading, lot, entry, postings, balances and
certified outbox item. Of twenty plants fifteen are a large producer's, four a middle one's and
one a small one's; a tiny one has a single plant. A company gets a share of every lot.
"""

from datetime import UTC, datetime
from typing import Any

HOURS = 8_760
NOW = datetime(2040, 1, 1, tzinfo=UTC)
START = datetime(2018, 1, 1, tzinfo=UTC)
FIRST_MINUTE = int(START.timestamp()) // 60
GSRN = 735999100000000000
OWNERS = ("Large", "Middle", "Small", "Tiny")
DIALECTS = {
    # The code of a lot, and an instant so many hours later, of a plant and an hour.
    "postgresql": (
        "'01' || lpad(to_hex({gsrn}), 16, '0') || lpad(to_hex({minute}), 8, '0') || '003c00000000'",
        "timestamptz '2018-01-01T00:00Z' + (h + {later}) * interval '1 hour'",
    ),
    "sqlite": (
        "'01' || printf('%016x%08x', {gsrn}, {minute}) || '003c00000000'",
        "datetime('2018-01-01', '+' || (h + {later}) || ' hours')",
    ),
}
ROWS = """WITH RECURSIVE h(h) AS (SELECT 0 UNION ALL SELECT h + 1 FROM h WHERE h + 1 < {hours})
INSERT INTO {table} SELECT {what} FROM h"""
N = "({number} * 8760 + h + 1)"
BALANCE = "ledger_balance (account_id, asset_id, amount, may_be_negative)"
POSTING = "ledger_posting (entry_id, position, asset_id, source_id, destination_id, amount)"
TABLES = [
    (
        "certificates_reading (id, device_id, starts_at, ends_at, version, energy_wh, "
        "remainder_uwh, raw_value, quality, status, hold_reason, file_id, line)",
        f"{N}, {{device}}, {{starts}}, {{ends}}, 1, 1000, 0, '1', 'measured', 'accepted', '', "
        "{file}, h + 1",
    ),
    (
        "ledger_entry (id, key, kind, content_hash, posted_at)",
        f"{N}, 'bench:' || {N}, 'issue', {{bytes}}, {{now}}",
    ),
    ("ledger_asset (id, kind, code, unit)", f"{N}, 'certificate', {{code}} || '03', 'Wh'"),
    (
        "certificates_lot (id, device_id, starts_at, length_minutes, sequence, code, mask, "
        "amount_wh, quality, factor_id, factor_ug_per_wh, reading_id, entry_id, issued_at, "
        "first_wh)",
        f"{N}, {{device}}, {{starts}}, 60, 0, {{code}} || '00', 3, 1000, 'measured', {{factor}}, "
        f"11000, {N}, {N}, {{now}}, h * 1000 + 1",
    ),
    ("certificates_lotasset (asset_id, lot_id, mask)", f"{N}, {N}, 3"),
    (POSTING, f"{N}, 0, {N}, {{source}}, {{owner}}, 900"),
    (POSTING, f"{N}, 1, {N}, {{source}}, {{company}}, 100"),
    (BALANCE, f"{{source}}, {N}, -1000, {{yes}}"),
    (BALANCE, f"{{owner}}, {N}, 900, {{no}}"),
    (BALANCE, f"{{company}}, {N}, 100, {{no}}"),
    (
        "ledger_outboxitem (entry_id, kind, digest, status, batch_id, position, renewable_wh, "
        "emissions_wh, reason)",
        f"{N}, 'issue', {{bytes}}, 'certified', {{batch}}, h, h * 1000 + 1, h * 1000 + 1, ''",
    ),
]
UNCHECKED = {
    "postgresql": "SET session_replication_role = replica",
    "sqlite": "PRAGMA foreign_keys = OFF",
}
CHECKED = {
    "postgresql": "SET session_replication_role = origin",
    "sqlite": "PRAGMA foreign_keys = ON",
}


class ManyLots:
    """The producers and the company, and as many plants as were asked for so far."""

    def __init__(self) -> None:
        from certificates.services.api_keys import create_api_key
        from certificates.services.organisations import register_organisation
        from ledger.services.accounts import system_account

        self.owners = [
            register_organisation(name=name, slug=name.lower(), roles=["producer"], now=NOW)
            for name in OWNERS
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
        self.batch = _sealed_batch()

    def owner(self, number: int) -> Any:
        """Whose the plant of a number is."""
        if number == 3:
            return self.owners[3]
        return self.owners[2 if number % 20 == 7 else number % 5 == 1]

    def plant(self, number: int) -> Any:
        """The device of a number, made where there was none."""
        from certificates.models import Area, Device

        device, _ = Device.objects.get_or_create(
            gsrn=str(GSRN + number),
            defaults={
                "gsrn_origin": "synthetic",
                "name": f"Plant {number}",
                "organisation": self.owner(number),
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

        same = self._same(connection.vendor)
        code, starts = DIALECTS[connection.vendor]
        with connection.cursor() as cursor:  # each row points at rows made just before it
            cursor.execute(UNCHECKED[connection.vendor])
        for number in range(self.plants, plants):
            about = self._about(number) | {
                "code": code.format(gsrn=GSRN + number, minute=f"{FIRST_MINUTE} + 60 * h"),
                "starts": starts.format(later=0),
                "ends": starts.format(later=1),
            }
            with transaction.atomic(), connection.cursor() as cursor:
                for table, what in TABLES:
                    columns = what.format(**same, **about, number=number)
                    cursor.execute(ROWS.format(hours=HOURS, table=table, what=columns))
        self.plants = plants
        with connection.cursor() as cursor:
            cursor.execute(CHECKED[connection.vendor])
            # As the server does by itself in time, so that all sizes are asked alike.
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
        keep_totals()

    def _same(self, vendor: str) -> dict[str, Any]:
        from certificates.models import EmissionFactor

        postgres = vendor == "postgresql"
        return {
            "bytes": "decode(repeat('00', 32), 'hex')" if postgres else "zeroblob(32)",
            "now": "timestamptz '2040-01-01Z'" if postgres else "'2040-01-01 00:00:00'",
            "factor": EmissionFactor.objects.order_by("pk")[0].pk,
            "source": self.source,
            "company": self.company.account_id,
            "batch": self.batch,
            "yes": "true" if postgres else "1",
            "no": "false" if postgres else "0",
        }

    def _about(self, number: int) -> dict[str, Any]:
        from certificates.models import MeterFile

        device = self.plant(number)
        file, _ = MeterFile.objects.get_or_create(
            key=f"bench:{number}",
            defaults={
                "device": device,
                "sha256": f"{number:064x}",
                "name": f"plant-{number}.csv",
                "status": "imported",
                "uploaded_at": NOW,
            },
        )
        return {"device": device.pk, "owner": device.organisation.account_id, "file": file.pk}


def keep_totals() -> None:
    """Keep the totals of pages, as the worker does within minutes."""
    from certificates.services import stretches

    stretches.touch_all()
    while stretches.keep_some():
        pass


def _sealed_batch() -> int:
    from ledger.models import Batch, Block

    block = Block.objects.create(
        height=1, block_hash=bytes(32), state_root=bytes(32), sealed_at=NOW
    )
    batch = Batch.objects.create(
        nonce=0,
        sequence=0,
        kind="issue",
        status="sealed",
        raw_transaction=b"",
        transaction_hash=bytes(32),
        block=block,
        prepared_at=NOW,
    )
    return int(batch.pk)
