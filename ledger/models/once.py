"""One row in one statement, for messages that come by the thousand, each by itself.

A tenth of the cost of building the same statements through a model.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection, models


def insert_once(
    model: type[models.Model], names: Sequence[str], values: Sequence[Any]
) -> int | None:
    """Insert one row, given as in `bulk.insert`; its id, or None where a unique one is there."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_into(model, names)} VALUES ({_marks(names)}) "  # noqa: S608
            "ON CONFLICT DO NOTHING RETURNING id",
            [_plain(value) for value in values],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else None


def insert_once_with(
    model: type[models.Model],
    values: Mapping[str, Any],
    beside: type[models.Model],
    values_beside: Mapping[str, Any],
) -> int | None:
    """The same, and where the row was new another beside it: both or neither, in one statement.

    On SQLite they are two, so that the caller needs a transaction there; on PostgreSQL none,
    which spares two of four messages.
    """
    if connection.vendor != "postgresql":
        pk = insert_once(model, list(values), list(values.values()))
        if pk is not None:
            insert_once(beside, list(values_beside), list(values_beside.values()))
        return pk
    row = ask(
        f"WITH {_both(model, values, beside, values_beside)}SELECT id FROM made",  # noqa: S608
        [*values.values(), *values_beside.values()],
    )
    return int(row[0]) if row else None


def insert_once_if(
    model: type[models.Model],
    values: Mapping[str, Any],
    beside: type[models.Model],
    values_beside: Mapping[str, Any],
    *,
    when: str,
    asks: Sequence[Any],
) -> tuple[Any, ...] | None:
    """The same for rows that are right only while something holds, asked in that statement.

    `when`: a query with the parameters `asks`, of one row where it holds and of none otherwise.
    Returns that row with the new id before it, None in its place where a unique one is there;
    None alone where it does not hold, and then nothing is inserted.
    """
    if connection.vendor != "postgresql":
        found = ask(when, asks)
        if found is None:
            return None
        return (insert_once_with(model, values, beside, values_beside), *found)
    both = _both(model, values, beside, values_beside, "held")
    return ask(
        f"WITH held AS MATERIALIZED ({when}), {both}"  # noqa: S608
        "SELECT (SELECT id FROM made), held.* FROM held",
        [*asks, *values.values(), *values_beside.values()],
    )


def ask(statement: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row that a statement returns, for one that every message of a burst needs.

    PostgreSQL plans it once in a connection, which is half of what it costs there (and only
    where the settings give connections a `prepare_threshold`).
    """
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement, list(parameters))
            found: tuple[Any, ...] | None = cursor.fetchone()
            return found
    from psycopg import Cursor

    connection.ensure_connection()
    with connection.wrap_database_errors, Cursor(connection.connection) as asked:
        return asked.execute(statement, parameters, prepare=True).fetchone()


def _both(
    model: type[models.Model],
    values: Mapping[str, Any],
    beside: type[models.Model],
    values_beside: Mapping[str, Any],
    source: str = "",
) -> str:
    """One row, and another where it was new, as parts of a statement; for each row of `source`."""
    one = f"SELECT {_marks(values)} FROM {source}" if source else f"VALUES ({_marks(values)})"  # noqa: S608
    return (
        f"made AS (INSERT INTO {_into(model, values)} {one} ON CONFLICT DO NOTHING RETURNING id), "  # noqa: S608
        f"beside AS (INSERT INTO {_into(beside, values_beside)} "
        f"SELECT {_marks(values_beside)} FROM made) "
    )


def _into(model: type[models.Model], names: Iterable[str]) -> str:
    """A table and those of its columns."""
    return _table(model, tuple(names))


@cache
def _table(model: type[models.Model], names: tuple[str, ...]) -> str:
    columns = ", ".join(f'"{model._meta.get_field(name).column}"' for name in names)  # type: ignore[union-attr]
    return f"{model._meta.db_table} ({columns})"


def _marks(names: Collection[str]) -> str:
    return ", ".join(["%s"] * len(names))


def _plain(value: Any) -> Any:
    """As the database takes it: SQLite knows no instants."""
    is_instant = isinstance(value, datetime) and connection.vendor != "postgresql"
    return connection.ops.adapt_datetimefield_value(value) if is_instant else value
