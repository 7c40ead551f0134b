"""Many rows at once: executemany on SQLite, COPY on PostgreSQL.

For tables that grow by the hour and the plant. Ids are reserved first, so that rows of
several tables can point at each other before any is written.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, models


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Fresh primary keys, ascending. Call inside the transaction that inserts the rows."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, count],
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
        last = row[0] if row else 0
    return list(range(last + 1, last + 1 + count))


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows given as tuples of the named fields (a foreign key as its id).

    Values are whole database values: JSON as text, aware datetimes, bytes.
    Raises: django.db.IntegrityError as any insert does.
    """
    fields = [model._meta.get_field(name) for name in names]
    columns = ", ".join(f'"{field.column}"' for field in fields)  # type: ignore[union-attr]
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            statement = f"COPY {table} ({columns}) FROM STDIN"
            with connection.wrap_database_errors, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(fields))
        moments = [n for n, f in enumerate(fields) if isinstance(f, models.DateTimeField)]
        cursor.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608
            list(_with_texts(rows, moments) if moments else rows),
        )


def update(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Set the named fields of many rows, each given as its values and then its id."""
    fields = [model._meta.get_field(name) for name in names]
    sets = ", ".join(f'"{field.column}" = %s' for field in fields)  # type: ignore[union-attr]
    if connection.vendor != "postgresql":
        moments = [n for n, f in enumerate(fields) if isinstance(f, models.DateTimeField)]
        rows = _with_texts(rows, moments)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {model._meta.db_table} SET {sets} WHERE id = %s",  # noqa: S608
            list(rows),
        )


def insert_once(
    model: type[models.Model], names: Sequence[str], values: Sequence[Any]
) -> int | None:
    """Insert one row, given as in `insert`; its id, or None where a unique one like it is there.

    A tenth of the cost of building the same statement through a model.
    """
    if connection.vendor != "postgresql":
        fields = [model._meta.get_field(name) for name in names]
        moments = [n for n, f in enumerate(fields) if isinstance(f, models.DateTimeField)]
        (values,) = _with_texts([values], moments)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_into(model, names)} VALUES ({_marks(names)}) "  # noqa: S608
            "ON CONFLICT DO NOTHING RETURNING id",
            values,
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
        f"WITH made AS (INSERT INTO {_into(model, values)} VALUES ({_marks(values)}) "  # noqa: S608
        f"ON CONFLICT DO NOTHING RETURNING id), beside AS (INSERT INTO "
        f"{_into(beside, values_beside)} SELECT {_marks(values_beside)} FROM made) "
        "SELECT id FROM made",
        [*values.values(), *values_beside.values()],
    )
    return int(row[0]) if row else None


def ask(statement: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row that a statement returns, for one that every message of a burst needs.

    PostgreSQL plans it once in a connection, which is half of what it costs there.
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


def instants(minutes: npt.NDArray[np.int64]) -> list[str]:
    """Minutes since 1970-01-01T00:00Z as the database's own text for an instant.

    Ten times faster than a datetime for each, which counts where rows come by the million.
    """
    zone = "+00" if connection.vendor == "postgresql" else ""
    texts = np.datetime_as_string(minutes.astype("datetime64[m]"), unit="s")
    return [text.replace("T", " ") + zone for text in texts.tolist()]


def _into(model: type[models.Model], names: Iterable[str]) -> str:
    """A table and those of its columns."""
    columns = ", ".join(f'"{model._meta.get_field(name).column}"' for name in names)  # type: ignore[union-attr]
    return f"{model._meta.db_table} ({columns})"


def _marks(names: Collection[str]) -> str:
    return ", ".join(["%s"] * len(names))


def _with_texts(rows: Iterable[Sequence[Any]], moments: list[int]) -> Iterator[Sequence[Any]]:
    adapt = _naive_text if connection.timezone is UTC else _adapt
    texts: dict[datetime, Any] = {}  # rows written together share many of their instants
    for row in rows:
        values = list(row)
        for n in moments:
            moment = values[n]
            if isinstance(moment, datetime):
                text = texts.get(moment)
                if text is None:
                    text = texts[moment] = adapt(moment)
                values[n] = text
        yield values


def _naive_text(moment: datetime) -> Any:
    """As Django writes an instant where the database keeps UTC, without asking it each time."""
    if moment.tzinfo is not UTC:
        return _adapt(moment)
    return moment.isoformat(" ")[: -len("+00:00")]


def _adapt(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
