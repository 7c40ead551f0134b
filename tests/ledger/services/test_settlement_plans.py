"""Settling looks things up by an index: no statement reads a table that grows with the years."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.chain.memory import MemoryChain
from ledger.services.settlement import sweep
from tests.ledger.services.test_settlement import NOW, Registry

pytestmark = pytest.mark.django_db
GROWING = ("posting", "entry", "outboxitem", "balance", "asset", "settlemententry", "batch")


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="plans of SQLite, which has no figures")
def test_settling_scans_no_table_that_grows() -> None:
    ticks = count()
    chain = MemoryChain(chain_id=202611, registry_id=1)
    registry = Registry()
    registry.issue([1_000] * 20)
    registry.transfer(3, 10)
    sweep(chain=chain, clock=lambda: NOW + timedelta(seconds=next(ticks)))
    for lot in range(10):
        registry.retire(lot, 10, lot)
    registry.issue([1_000] * 20)
    with CaptureQueriesContext(connection) as seen:
        sweep(chain=chain, clock=lambda: NOW + timedelta(seconds=next(ticks)))
    statements = {each["sql"] for each in seen.captured_queries}
    scans = {
        (step[3], statement)
        for statement in statements
        if statement.startswith(("SELECT", "UPDATE"))
        for step in _plan(statement)
        if step[3].startswith("SCAN")
        and step[3].split()[1] in {f"ledger_{n}" for n in GROWING}
        and "INDEX" not in step[3]
    }
    assert not scans


def _plan(statement: str) -> list[tuple[int, int, int, str]]:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + statement.replace("%", "%%"))
        return cursor.fetchall()
