"""References between the rows of the book, checked for all rows of a statement at once."""

from django.db import migrations

from ledger.models.references import check_each, check_in_sets, keep_ids, keep_rows, let_rows_go

REFERENCES = {
    "ledger_posting": {
        "entry_id": "ledger_entry",
        "asset_id": "ledger_asset",
        "source_id": "ledger_account",
        "destination_id": "ledger_account",
    },
    "ledger_balance": {"account_id": "ledger_account", "asset_id": "ledger_asset"},
    "ledger_outboxitem": {"entry_id": "ledger_entry"},
}
# An account goes only while nothing of the book refers to it; entries never go. Whatever was
# posted to an account has left a balance.
UNUSED_ALONE = """
CREATE FUNCTION ledger_account_unused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF EXISTS (SELECT 1 FROM ledger_balance WHERE account_id = OLD.id) THEN
RAISE EXCEPTION 'account % is part of the book', OLD.id USING ERRCODE = 'foreign_key_violation';
END IF; RETURN NULL; END $$
"""


def forwards(apps, schema_editor):
    for table, references in REFERENCES.items():
        check_in_sets(schema_editor, table, references)
    keep_rows(schema_editor, "ledger_asset")
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(UNUSED_ALONE, params=None)
        schema_editor.execute(
            "CREATE TRIGGER ledger_account_unused AFTER DELETE ON ledger_account "
            "FOR EACH ROW EXECUTE FUNCTION ledger_account_unused()"
        )
        keep_ids(schema_editor, "ledger_account")


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER ledger_account_no_other_id ON ledger_account")
        schema_editor.execute("DROP TRIGGER ledger_account_unused ON ledger_account")
        schema_editor.execute("DROP FUNCTION ledger_account_unused()")
    let_rows_go(schema_editor, "ledger_asset")
    for table, references in REFERENCES.items():
        check_each(schema_editor, table, references)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_relayed_acts")]
    operations = [migrations.RunPython(forwards, backwards)]
