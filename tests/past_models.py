"""Writes past the models and services, which would refuse by themselves: the database must."""

import threading
from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from tests.processes import PATIENCE_S


def carry_out(make: Callable[[], object]) -> None:
    with transaction.atomic():
        make()
        connection.check_constraints()  # SQLite looks when the transaction ends


def refused(make: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError):
        carry_out(make)


def delete_from(table: str, pk: int | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE id = %s", [pk])


def delete_while_another_writes(table: str, pk: int, write: Callable[[], object]) -> None:
    """Whichever comes second waits for the first: here the removal does, and is refused."""
    failures: list[DatabaseError] = []
    has_written, may_end = threading.Event(), threading.Event()

    def remove() -> None:
        try:
            has_written.wait(PATIENCE_S)
            threading.Timer(0.3, may_end.set).start()
            delete_from(table, pk)
        except DatabaseError as error:
            failures.append(error)
        finally:
            connection.close()

    other = threading.Thread(target=remove)
    other.start()
    with transaction.atomic():
        write()
        has_written.set()
        assert may_end.wait(PATIENCE_S)
    other.join(PATIENCE_S)
    assert failures
