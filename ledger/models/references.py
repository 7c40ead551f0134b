"""References that PostgreSQL checks for all rows of a statement at once.

Its own foreign keys look up every row by itself, which was half of what a lot cost the
server. Where the rows referred to are never removed, one look at the new rows together is
as strict: nothing can come between. Accounts may be removed while nothing refers to them,
so theirs are locked as a foreign key locks them, and their removal looks for referring rows.

For migrations only. SQLite keeps its foreign keys.
"""

from collections.abc import Mapping
from typing import Any

References = Mapping[str, str]  # column of the referring table -> table referred to
REMOVABLE = "ledger_account"
VIOLATION = "USING ERRCODE = 'foreign_key_violation'"


def check_in_sets(schema_editor: Any, table: str, references: References) -> None:
    """Replace the foreign keys of these columns by one check for each insert."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint JOIN pg_attribute "
            "ON attrelid = conrelid AND conkey = ARRAY[attnum] "
            "WHERE contype = 'f' AND conrelid = %s::regclass AND attname = ANY(%s)",
            [table, list(references)],
        )
        names = [name for (name,) in cursor.fetchall()]
    for name in names:
        _run(schema_editor, f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    _run(schema_editor, _function(table, references))
    _run(
        schema_editor,
        f"CREATE TRIGGER {table}_references AFTER INSERT ON {table} REFERENCING NEW TABLE AS "
        f"fresh FOR EACH STATEMENT EXECUTE FUNCTION {table}_references()",
    )
    other = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in references)
    _run(
        schema_editor,
        f"CREATE TRIGGER {table}_references_stay BEFORE UPDATE ON {table} "
        f"FOR EACH ROW WHEN ({other}) EXECUTE FUNCTION ledger_append_only()",
    )


def check_each(schema_editor: Any, table: str, references: References) -> None:
    """Put PostgreSQL's own foreign keys back."""
    if schema_editor.connection.vendor != "postgresql":
        return
    _run(schema_editor, f"DROP TRIGGER {table}_references_stay ON {table}")
    _run(schema_editor, f"DROP TRIGGER {table}_references ON {table}")
    _run(schema_editor, f"DROP FUNCTION {table}_references()")
    for column, parent in references.items():
        _run(
            schema_editor,
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_fk FOREIGN KEY ({column}) "
            f"REFERENCES {parent} (id) DEFERRABLE INITIALLY DEFERRED",
        )


def keep_rows(schema_editor: Any, table: str) -> None:
    """Refuse to remove rows of a table that others refer to, or to give them another id."""
    if schema_editor.connection.vendor == "postgresql":
        refuse = "EXECUTE FUNCTION ledger_append_only()"
        _run(
            schema_editor,
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW {refuse}",
        )
        keep_ids(schema_editor, table)


def keep_ids(schema_editor: Any, table: str) -> None:
    """Refuse to give rows of a table that others refer to another id."""
    if schema_editor.connection.vendor == "postgresql":
        _run(
            schema_editor,
            f"CREATE TRIGGER {table}_no_other_id BEFORE UPDATE ON {table} FOR EACH ROW "
            "WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION ledger_append_only()",
        )


def let_rows_go(schema_editor: Any, table: str) -> None:
    """Undo `keep_rows`."""
    if schema_editor.connection.vendor == "postgresql":
        for name in ("delete", "other_id"):
            _run(schema_editor, f"DROP TRIGGER {table}_no_{name} ON {table}")


def _function(table: str, references: References) -> str:
    locked = [column for column, parent in references.items() if parent == REMOVABLE]
    among = " UNION ".join(f"SELECT {column} FROM fresh" for column in locked)  # noqa: S608
    lock = (
        f"PERFORM 1 FROM {REMOVABLE} WHERE id IN ({among}) ORDER BY id FOR KEY SHARE; "
        if locked
        else ""
    )
    checks = " ".join(
        f"IF EXISTS (SELECT 1 FROM fresh WHERE {column} IS NOT NULL AND NOT EXISTS "  # noqa: S608
        f"(SELECT 1 FROM {parent} WHERE {parent}.id = fresh.{column})) THEN RAISE EXCEPTION "
        f"'a row of {table} names a {parent} that is not there ({column})' {VIOLATION}; END IF;"
        for column, parent in references.items()
    )
    return (
        f"CREATE FUNCTION {table}_references() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {lock}{checks} RETURN NULL; END $$"
    )


def _run(schema_editor: Any, statement: str) -> None:
    schema_editor.execute(statement, params=None)
