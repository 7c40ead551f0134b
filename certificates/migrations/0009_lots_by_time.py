"""Lots by time and number, the order in which pages of them come."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certificates", "0008_storage")]

    operations = [
        migrations.RemoveIndex(model_name="lot", name="lot_starts_at"),
        migrations.AddIndex(
            model_name="lot",
            index=models.Index(fields=["starts_at", "id"], name="lot_starts_at_and_id"),
        ),
    ]
