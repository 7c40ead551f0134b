"""All references of a lot are checked for the whole statement; numbers are listed once given."""

from django.db import migrations, models
from django.db.models import Q

from ledger.models.references import (
    check_each,
    check_in_sets,
    check_no_more,
    keep_rows,
    let_go,
    let_go_unused,
    let_rows_go,
    write_check_anew,
)

BEFORE = {"entry_id": "ledger_entry"}
MORE = {
    "device_id": "certificates_device",
    "generated_by_id": "certificates_device",
    "factor_id": "certificates_emissionfactor",
    "reading_id": "certificates_reading",
}
TABLES = {
    "certificates_lotasset": {"asset_id": "ledger_asset", "lot_id": "certificates_lot"},
    "certificates_retirement": {"entry_id": "ledger_entry", "lot_id": "certificates_lot"},
}
LOT = "certificates_lot"


def forwards(apps, schema_editor):
    for table, references in TABLES.items():
        write_check_anew(schema_editor, table, references)
    check_no_more(schema_editor, LOT)
    check_in_sets(schema_editor, LOT, BEFORE | MORE)
    keep_rows(schema_editor, "certificates_reading")
    let_go_unused(schema_editor, "certificates_device", {LOT: ["device_id", "generated_by_id"]})
    let_go_unused(schema_editor, "certificates_emissionfactor", {LOT: ["factor_id"]})


def backwards(apps, schema_editor):
    let_go(schema_editor, "certificates_emissionfactor")
    let_go(schema_editor, "certificates_device")
    let_rows_go(schema_editor, "certificates_reading")
    check_each(schema_editor, LOT, MORE)
    check_in_sets(schema_editor, LOT, BEFORE)


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0010_storage_acts_and_accepted_imports"),
        ("ledger", "0011_references_by_index"),
    ]
    operations = [
        migrations.RunPython(forwards, backwards),
        migrations.RemoveIndex(model_name="lot", name="lot_device_first_wh"),
        migrations.AddIndex(
            model_name="lot",
            index=models.Index(
                fields=["device", "first_wh"],
                condition=Q(first_wh__isnull=False),
                name="lot_device_first_wh",
            ),
        ),
    ]
