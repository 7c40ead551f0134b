"""References that PostgreSQL checks for all rows of a statement at once.

Its own foreign keys look up every row by itself, which was half of what a lot cost the
server. Where the rows referred to are never removed, one look at the new rows together is
as strict: nothing can come between. Accounts, devices and factors may be removed while
nothing refers to them, so theirs are locked as a foreign key locks them, and their removal
looks for referring rows.

For migrations only. SQLite keeps its foreign keys.
"""

from collections.abc import Mapping
from typing import Any

References = Mapping[str, str]  # column of the referring table -> table referred to
# Their rows may go while none refers to them; those of all other tables stay.
REMOVABLE = {"ledger_account", "certificates_device", "certificates_emissionfactor"}
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
    check_no_more(schema_editor, table)
    for column, parent in references.items():
        _run(
            schema_editor,
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_fk FOREIGN KEY ({column}) "
            f"REFERENCES {parent} (id) DEFERRABLE INITIALLY DEFERRED",
        )


def check_no_more(schema_editor: Any, table: str) -> None:
    """Drop the check of a table, for a migration that puts another in its place."""
    if schema_editor.connection.vendor == "postgresql":
        _run(schema_editor, f"DROP TRIGGER {table}_references_stay ON {table}")
        _run(schema_editor, f"DROP TRIGGER {table}_references ON {table}")
        _run(schema_editor, f"DROP FUNCTION {table}_references()")


def write_check_anew(schema_editor: Any, table: str, references: References) -> None:
    """Give a table's check, made by an earlier migration, the text that it has by now."""
    if schema_editor.connection.vendor == "postgresql":
        _run(schema_editor, _function(table, references))


def let_go_unused(schema_editor: Any, table: str, used_in: Mapping[str, list[str]]) -> None:
    """Refuse to remove a row of a removable table while another table's columns name it."""
    if schema_editor.connection.vendor != "postgresql":
        return
    looks = " ".join(
        f"IF EXISTS (SELECT 1 FROM {user} WHERE {column} = OLD.id) THEN RAISE EXCEPTION "  # noqa: S608
        f"'row % of {table} is named by a {user} ({column})', OLD.id {VIOLATION}; END IF;"
        for user, columns in used_in.items()
        for column in columns
    )
    _run(
        schema_editor,
        f"CREATE FUNCTION {table}_unused() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {looks} RETURN NULL; END $$",
    )
    _run(
        schema_editor,
        f"CREATE TRIGGER {table}_unused AFTER DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_unused()",
    )
    keep_ids(schema_editor, table)


def let_go(schema_editor: Any, table: str) -> None:
    """Undo `let_go_unused`."""
    if schema_editor.connection.vendor == "postgresql":
        _run(schema_editor, f"DROP TRIGGER {table}_no_other_id ON {table}")
        _run(schema_editor, f"DROP TRIGGER {table}_unused ON {table}")
        _run(schema_editor, f"DROP FUNCTION {table}_unused()")


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
    """The check. Each id is looked for once, in the order of the index that has it.

    Without sequential scans, since a plan that was kept from when the table was small would
    compare every row of it with every id.
    """
    columns: dict[str, list[str]] = {}
    for column, parent in references.items():
        columns.setdefault(parent, []).append(column)
    checks = " ".join(_check(table, parent, names) for parent, names in columns.items())
    return (
        f"CREATE OR REPLACE FUNCTION {table}_references() RETURNS trigger LANGUAGE plpgsql "
        f"SET enable_seqscan = off AS "
        f"$$ DECLARE wanted bigint[]; found bigint; BEGIN {checks} RETURN NULL; END $$"
    )


def _check(table: str, parent: str, columns: list[str]) -> str:
    among = " UNION ".join(
        f"SELECT DISTINCT {column} FROM fresh WHERE {column} IS NOT NULL"  # noqa: S608
        for column in columns
    )
    there = f"SELECT 1 FROM {parent} WHERE id = ANY(wanted)"  # noqa: S608
    if parent in REMOVABLE:
        there += " ORDER BY id FOR KEY SHARE"
    return (
        f"wanted := ARRAY({among}); SELECT count(*) INTO found FROM ({there}) AS kept; "  # noqa: S608
        f"IF found <> cardinality(wanted) THEN RAISE EXCEPTION 'a row of {table} names a "
        f"{parent} that is not there ({', '.join(columns)})' {VIOLATION}; END IF;"
    )


def _run(schema_editor: Any, statement: str) -> None:
    schema_editor.execute(statement, params=None)
