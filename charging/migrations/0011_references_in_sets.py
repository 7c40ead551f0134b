"""References of session hours, receipts and allocations, checked for a whole statement at once.

An allocation's session hour keeps its foreign key: hours may be removed while nothing was
matched to them.
"""

from django.db import migrations

from ledger.models.references import check_each, check_in_sets, keep_rows, let_rows_go

REFERENCES = {
    "charging_sessionhour": {"session_id": "charging_session"},
    "charging_receipt": {"session_id": "charging_session"},
    "charging_allocation": {
        "run_id": "charging_matchingrun",
        "retirement_id": "certificates_retirement",
    },
}
KEPT = ("charging_session", "charging_matchingrun", "certificates_retirement")


def forwards(apps, schema_editor):
    for table, references in REFERENCES.items():
        check_in_sets(schema_editor, table, references)
    for table in KEPT:
        keep_rows(schema_editor, table)


def backwards(apps, schema_editor):
    for table in KEPT:
        let_rows_go(schema_editor, table)
    for table, references in REFERENCES.items():
        check_each(schema_editor, table, references)


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0008_storage"),
        ("charging", "0010_fewer_indexes"),
        ("ledger", "0008_references_in_sets"),
    ]
    operations = [migrations.RunPython(forwards, backwards)]
