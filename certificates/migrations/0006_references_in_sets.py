"""References of lots and retirements, checked for all rows of a statement at once."""

from django.db import migrations

from ledger.models.references import check_each, check_in_sets, keep_rows, let_rows_go

REFERENCES = {
    "certificates_lot": {"entry_id": "ledger_entry"},
    "certificates_lotasset": {"asset_id": "ledger_asset", "lot_id": "certificates_lot"},
    "certificates_retirement": {"entry_id": "ledger_entry", "lot_id": "certificates_lot"},
}


def forwards(apps, schema_editor):
    for table, references in REFERENCES.items():
        check_in_sets(schema_editor, table, references)
    keep_rows(schema_editor, "certificates_lot")


def backwards(apps, schema_editor):
    let_rows_go(schema_editor, "certificates_lot")
    for table, references in REFERENCES.items():
        check_each(schema_editor, table, references)


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0005_other_origins"),
        ("ledger", "0008_references_in_sets"),
    ]
    operations = [migrations.RunPython(forwards, backwards)]
