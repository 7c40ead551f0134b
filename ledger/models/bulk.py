"""Many rows at once: executemany on SQLite, COPY on PostgreSQL.

For tables that grow by the hour and the plant. Ids are reserved first, so that rows of
several tables can point at each other before any is written.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import DataError, connection, models

from ledger.models.binary_copy import HEADER, TRAILER, rows_of

PIECE = 10_000  # rows made ready for a COPY at a time
KINDS = {
    "BigAutoField": "int8",
    "BigIntegerField": "int8",
    "PositiveBigIntegerField": "int8",
    "IntegerField": "int4",
    "PositiveIntegerField": "int4",
    "SmallIntegerField": "int2",
    "PositiveSmallIntegerField": "int2",
    "BooleanField": "bool",
    "DateTimeField": "timestamptz",
    "CharField": "text",
    "TextField": "text",
    "BinaryField": "bytea",
    "JSONField": "jsonb",
}
# The sequence's name is looked up once, not for every id.
NEXT_IDS = (
    "WITH sequence AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS name), "
    "fresh AS (SELECT nextval(name) AS id FROM sequence, generate_series(1, %s)) "
    "SELECT array_agg(id) FROM fresh"
)


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Fresh primary keys, ascending. Call inside the transaction that inserts the rows."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(NEXT_IDS, [table, count])
            return cursor.fetchone()[0] or []
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
        last = row[0] if row else 0
    return list(range(last + 1, last + 1 + count))


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows given as tuples of the named fields (a foreign key as its id).

    Values are whole database values: JSON as text, aware datetimes, bytes.
    Raises: django.db.IntegrityError as any insert does.
    """
    fields = _fields(model, names)
    if connection.vendor == "postgresql":
        _copy(model, fields, rows)
        return
    moments = [n for n, f in enumerate(fields) if isinstance(f, models.DateTimeField)]
    _insert_each(model, fields, _with_texts(rows, moments) if moments else rows)


def insert_columns(model: type[models.Model], columns: Mapping[str, Any], count: int) -> None:
    """Insert `count` rows given by field: a list or an array of values, or one for all rows.

    Instants are aware datetimes, or whole seconds as an array of datetime64 in UTC. Otherwise as
    `insert`.
    """
    fields = _fields(model, list(columns))
    if connection.vendor == "postgresql":
        kinds = [KINDS[_kind(field)] for field in fields]
        whole = [_repeated(values, count) for values in columns.values()]
        with _copying(model, fields, " (FORMAT BINARY)") as copy:
            copy.write(HEADER + rows_of(kinds, whole, count) + TRAILER)
        return
    texts = [
        _plain(values, isinstance(field, models.DateTimeField))
        for field, values in zip(fields, columns.values(), strict=True)
    ]
    _insert_each(model, fields, zip(*(_repeated(each, count) for each in texts), strict=True))


def update(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Set the named fields of many rows, each given as its values and then its id."""
    fields = _fields(model, names)
    sets = ", ".join(f'"{field.column}" = %s' for field in fields)
    if connection.vendor != "postgresql":
        moments = [n for n, f in enumerate(fields) if isinstance(f, models.DateTimeField)]
        rows = _with_texts(rows, moments)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {model._meta.db_table} SET {sets} WHERE id = %s",  # noqa: S608
            list(rows),
        )


def moments(texts: Iterable[str]) -> list[datetime]:
    """Aware datetimes in UTC of the database's own text, read as such: a tenth of the time."""
    zone = "" if connection.vendor == "postgresql" else "+00"
    return [datetime.fromisoformat(f"{text}{zone}").astimezone(UTC) for text in texts]


def _fields(model: type[models.Model], names: Sequence[str]) -> list[Any]:
    return [model._meta.get_field(name) for name in names]


def _columns(fields: Sequence[Any]) -> str:
    return ", ".join(f'"{field.column}"' for field in fields)


def _kind(field: Any) -> str:
    """What the database stores for it: for a foreign key, what its target is."""
    while field.is_relation:
        field = field.target_field
    kind: str = field.get_internal_type()
    return kind


def _copy(model: type[models.Model], fields: Sequence[Any], rows: Iterable[Sequence[Any]]) -> None:
    rows = iter(rows)
    piece = list(islice(rows, PIECE))
    kinds = [KINDS.get(_kind(field), "") for field in fields]
    if not all(kinds):  # a kind that is rarely written by the thousand goes as text
        with _copying(model, fields) as copy:
            for row in chain(piece, rows):
                copy.write_row(row)
        return
    with _copying(model, fields, " (FORMAT BINARY)") as copy:
        copy.write(HEADER)
        while piece:
            copy.write(rows_of(kinds, list(zip(*piece, strict=True)), len(piece)))
            piece = list(islice(rows, PIECE))
        copy.write(TRAILER)


@contextmanager
def _copying(model: type[models.Model], fields: Sequence[Any], how: str = "") -> Iterator[Any]:
    statement = f"COPY {model._meta.db_table} ({_columns(fields)}) FROM STDIN{how}"
    try:
        with (
            connection.cursor() as cursor,
            connection.wrap_database_errors,
            cursor.copy(statement) as copy,
        ):
            yield copy
    except OverflowError as error:
        raise DataError(f"{model._meta.db_table}: {error}") from error


def _insert_each(
    model: type[models.Model], fields: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> None:
    marks = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {model._meta.db_table} ({_columns(fields)}) VALUES ({marks})",  # noqa: S608
            list(rows),
        )


def _repeated(values: Any, count: int) -> Any:
    """A column as it is, or one value for every row."""
    return values if isinstance(values, list | tuple | np.ndarray) else [values] * count


def _plain(values: Any, is_instant: bool) -> Any:
    """As SQLite takes them."""
    if isinstance(values, np.ndarray):
        return _texts(values) if is_instant else values.tolist()
    if not is_instant:
        return values
    return [_adapt(each) for each in values] if isinstance(values, list) else _adapt(values)


def _texts(moments: npt.NDArray[np.datetime64]) -> list[str]:
    seconds = moments.astype("datetime64[s]")
    if (seconds != moments).any():
        raise ValueError("Instants that are given as an array are whole seconds.")
    return [text.replace("T", " ") for text in np.datetime_as_string(seconds).tolist()]


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
