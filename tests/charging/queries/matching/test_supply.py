"""What a company has for a day is found by the day, not by reading all it holds."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from charging.queries.matching.supply import held_assets, supply_from_agreements
from tests.charging.plant import generate, register_plant, share_all

START = datetime(2018, 6, 1, tzinfo=UTC)
DAY = (START + timedelta(days=2), START + timedelta(days=3))
BY_TIME = ("lot_starts_at", "lot_one_per_device_interval", "sqlite_autoindex_certificates_lot")


@pytest.fixture
def supplied(producer, company, now):
    device = register_plant(producer, now)
    share_all(device, company, now)
    generate(device, START, ["1"] * 24 * 5, now)
    return company


def plans(act) -> list[str]:
    """How the database carries out each query over lots, told small tables are large."""
    with CaptureQueriesContext(connection) as captured:
        act()
    with connection.cursor() as cursor:
        is_sqlite = connection.vendor == "sqlite"
        if not is_sqlite:
            cursor.execute("ANALYZE")
            cursor.execute("SET LOCAL enable_seqscan = off")
        found = []
        for query in captured.captured_queries:
            if "certificates_lot" in query["sql"]:
                cursor.execute(f"EXPLAIN {'QUERY PLAN ' if is_sqlite else ''}{query['sql']}")
                found.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
    return found


def test_held_certificates_of_a_day_are_found_by_the_day(supplied):
    assert sum(asset.amount_wh for asset in held_assets(supplied, *DAY)) == 24_000
    (plan,) = plans(lambda: held_assets(supplied, *DAY))
    assert any(index in plan for index in BY_TIME), plan
    assert "SCAN certificates_lot" not in plan
    assert "SEARCH ledger_balance USING INDEX ledger_balance_account" not in plan


def test_the_lots_of_a_day_are_found_by_the_day(supplied):
    assert sum(supply_from_agreements(supplied, *DAY, 500_000).values()) == 12_000
    (plan,) = plans(lambda: supply_from_agreements(supplied, *DAY, 500_000))
    assert any(index in plan for index in BY_TIME), plan
    assert "SCAN certificates_lot" not in plan
