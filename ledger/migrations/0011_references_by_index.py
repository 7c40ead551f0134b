"""References of the book are looked for in the index's order; reversals among them."""

from django.db import migrations

from ledger.models.references import check_each, check_in_sets, write_check_anew

TABLES = {
    "ledger_posting": {
        "entry_id": "ledger_entry",
        "asset_id": "ledger_asset",
        "source_id": "ledger_account",
        "destination_id": "ledger_account",
    },
    "ledger_balance": {"account_id": "ledger_account", "asset_id": "ledger_asset"},
    "ledger_outboxitem": {"entry_id": "ledger_entry"},
}
REVERSES = {"reverses_id": "ledger_entry"}
# A reversal is rare: an index of all rows would list mostly that they are none.
UNIQUE = "ledger_entry_reverses_id_key"


def forwards(apps, schema_editor):
    for table, references in TABLES.items():
        write_check_anew(schema_editor, table, references)
    check_in_sets(schema_editor, "ledger_entry", REVERSES)
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE ledger_entry DROP CONSTRAINT {UNIQUE}")
        schema_editor.execute(
            "CREATE UNIQUE INDEX entry_reversed_once ON ledger_entry (reverses_id) "
            "WHERE reverses_id IS NOT NULL"
        )


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX entry_reversed_once")
        schema_editor.execute(
            f"ALTER TABLE ledger_entry ADD CONSTRAINT {UNIQUE} UNIQUE (reverses_id)"
        )
    check_each(schema_editor, "ledger_entry", REVERSES)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0010_open_work")]
    operations = [migrations.RunPython(forwards, backwards)]
