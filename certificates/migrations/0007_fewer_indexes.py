"""Indexes that nothing asked, each of which every lot had paid for."""

import django.db.models.deletion
from django.db import migrations, models

LIKE = {
    "certificates_lot_code_3e63cebd_like": "certificates_lot (code varchar_pattern_ops)",
    "certificates_retirement_reference_140a1410_like": (
        "certificates_retirement (reference varchar_pattern_ops)"
    ),
}


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in LIKE:
            schema_editor.execute(f"DROP INDEX {name}")


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name, on in LIKE.items():
            schema_editor.execute(f"CREATE INDEX {name} ON {on}")


class Migration(migrations.Migration):
    dependencies = [("certificates", "0006_references_in_sets")]

    operations = [
        migrations.RunPython(forwards, backwards),
        migrations.AlterField(
            model_name="lot",
            name="factor",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lots",
                to="certificates.emissionfactor",
            ),
        ),
        migrations.AlterField(
            model_name="lot",
            name="generated_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="stored_lots",
                to="certificates.device",
            ),
        ),
        migrations.AddIndex(
            model_name="lot",
            index=models.Index(
                condition=models.Q(("generated_by__isnull", False)),
                fields=["generated_by"],
                name="lot_generated_by",
            ),
        ),
    ]
