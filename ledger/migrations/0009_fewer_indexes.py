"""Indexes that nothing asked, each of which every posting had paid for."""

import django.db.models.deletion
from django.db import migrations, models

# By name, since SQLite would write the table anew without its append-only triggers.
POSTING = {
    "source_id": "ledger_posting_source_id_eccbe6b0",
    "destination_id": "ledger_posting_destination_id_1507166e",
}
LIKE = "ledger_entry_key_b3fe1ea3_like"


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX {LIKE}")


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"CREATE INDEX {LIKE} ON ledger_entry (key varchar_pattern_ops)")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_references_in_sets")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"DROP INDEX {name}", f"CREATE INDEX {name} ON ledger_posting ({column})"
                )
                for column, name in POSTING.items()
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="posting",
                    name="destination",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="postings_in",
                        to="ledger.account",
                    ),
                ),
                migrations.AlterField(
                    model_name="posting",
                    name="source",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="postings_out",
                        to="ledger.account",
                    ),
                ),
            ],
        ),
        migrations.RunPython(forwards, backwards),
        migrations.AlterField(
            model_name="outboxitem",
            name="batch",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="ledger.batch",
            ),
        ),
        migrations.AlterField(
            model_name="outboxitem",
            name="settlement_entry",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="ledger.settlemententry",
            ),
        ),
        migrations.AddIndex(
            model_name="outboxitem",
            index=models.Index(
                condition=models.Q(("batch__isnull", False)),
                fields=["batch"],
                name="outbox_of_batch",
            ),
        ),
        migrations.AddIndex(
            model_name="outboxitem",
            index=models.Index(
                condition=models.Q(("settlement_entry__isnull", False)),
                fields=["settlement_entry"],
                name="outbox_of_settlement_entry",
            ),
        ),
    ]
