"""One row in one statement: once, with another beside it, and only while something holds."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction

from ledger.models import Asset, AuditEvent
from ledger.models.once import ask, insert_once_if

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def keep(code: str, *, asks: int = 1) -> Any:
    """A currency, with an event of the trail beside it, as long as 1 is asked for."""
    asset = {"code": code, "kind": "currency", "unit": "cent"}
    event = {
        "at": NOW, "actor": "test", "actor_id": "", "action": "test.kept", "subject": code,
        "detail": "{}",
    }  # fmt: skip
    with transaction.atomic():
        return insert_once_if(
            Asset, asset, AuditEvent, event, when="SELECT 7, 'seven' WHERE 1 = %s", asks=[asks]
        )


def kept() -> tuple[int, int]:
    return (
        Asset.objects.filter(unit="cent").count(),
        AuditEvent.objects.filter(action="test.kept").count(),
    )


def test_a_row_and_the_one_beside_it_are_kept_with_what_was_asked():
    pk, *asked = keep("XTS")
    assert asked == [7, "seven"]
    assert Asset.objects.get(pk=pk).code == "XTS"
    assert kept() == (1, 1)


def test_a_row_that_is_there_is_kept_once_and_what_was_asked_is_told_again():
    keep("XTS")
    assert keep("XTS") == (None, 7, "seven")
    assert kept() == (1, 1)


def test_nothing_is_kept_where_the_condition_does_not_hold():
    assert keep("XTS", asks=2) is None
    assert kept() == (0, 0)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps no plans by name")
def test_what_every_message_asks_is_planned_once_in_a_connection():
    for n in range(3):
        assert ask("SELECT %s::int + 1", [n]) == (n + 1,)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements "
            "WHERE statement LIKE 'SELECT $1::int + 1%'"
        )
        assert cursor.fetchall() == [(3,)]
