"""The connection that a token opens, in one statement.

Written by hand: every request of OCPI asks this, and building a query takes ten times as
long as running it.
"""

from collections.abc import Callable, Sequence
from functools import cache, reduce
from typing import Any, cast

from django.db import connection
from django.db.models import Field

from charging.models import Connection
from ledger.models.once import ask

# What every request needs; anything else is looked up when it is asked for.
NEEDED = (
    "id", "organisation", "label", "status", "token_hash", "version", "roles", "last_seen_at"
)  # fmt: skip
FIELDS = [cast("Field[Any, Any]", Connection._meta.get_field(name)) for name in NEEDED]
NAMES = [field.attname for field in FIELDS]
COLUMNS = ", ".join(str(field.column) for field in FIELDS)
BY_HASH = f"SELECT {COLUMNS} FROM charging_connection WHERE token_hash IN"  # noqa: S608


def with_token(hashes: Sequence[bytes]) -> Connection | None:
    """The connection whose token has one of these hashes."""
    marks = ", ".join(["%s"] * len(hashes))
    row = ask(f"{BY_HASH} ({marks})", hashes)
    if row is None:
        return None
    values = [
        reduce(lambda value, convert: convert(value, column, connection), converters, value)
        for value, (column, converters) in zip(row, _readers(connection.vendor), strict=True)
    ]
    return Connection.from_db(connection.alias, NAMES, values)


@cache
def _readers(vendor: str) -> list[tuple[Any, list[Callable[..., Any]]]]:
    """Each column, with what makes the model's value of that of this kind of database."""
    columns = [field.get_col(Connection._meta.db_table) for field in FIELDS]
    return [
        (each, [*connection.ops.get_db_converters(each), *each.get_db_converters(connection)])
        for each in columns
    ]
