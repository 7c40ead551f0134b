"""SQLite sorts in files while asked to, and as the settings say before and after."""

import pytest
from django.db import connection

from ledger.services.sorting import sorting_on_disk

FILE, MEMORY = 1, 2


def settings() -> tuple[int, int]:
    with connection.cursor() as cursor:
        (store,) = cursor.execute("PRAGMA temp_store").fetchone()
        (cache,) = cursor.execute("PRAGMA cache_size").fetchone()
    return store, cache


@pytest.mark.django_db(transaction=True)
def test_sorts_go_to_files_meanwhile_and_the_settings_come_back_after_an_error() -> None:
    if connection.vendor != "sqlite":
        with sorting_on_disk():
            return
    before = settings()
    assert before[0] == MEMORY
    during = []

    def sort_and_fail() -> None:
        with sorting_on_disk():
            during.append(settings())
            raise InterruptedError

    with pytest.raises(InterruptedError):
        sort_and_fail()
    assert during[0][0] == FILE
    assert settings() == before


@pytest.mark.django_db
def test_inside_a_transaction_nothing_changes_and_nothing_fails() -> None:
    with sorting_on_disk(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
