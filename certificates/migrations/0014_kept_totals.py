"""What is kept of plants and times, so that pages need not add up a million certificates."""

import django.db.models.deletion
from django.db import migrations, models

BITS = 16  # minutes of a stretch: certificates.domain.stretches


def name_all(apps, schema_editor):
    """What there is by now is added up by the first run of the task."""
    schema_editor.execute(
        "INSERT INTO certificates_touchedstretch (stretch) "
        "SELECT DISTINCT substr(code, 3, 20) FROM ledger_asset WHERE kind = 'certificate'"
    )
    touched = apps.get_model("certificates", "TouchedStretch").objects
    readings = apps.get_model("certificates", "Reading").objects
    for pk, gsrn in apps.get_model("certificates", "Device").objects.values_list("pk", "gsrn"):
        span = readings.filter(device=pk).order_by("starts_at").values_list("starts_at", flat=True)
        if (first := span.first()) is None:
            continue
        begin, end = (int(at.timestamp()) // 60 >> BITS for at in (first, span.last()))
        for number in range(begin, end + 1):
            touched.create(stretch=f"{int(gsrn):016x}{number:04x}")


class Migration(migrations.Migration):

    dependencies = [
        ('certificates', '0013_grid_scope_and_gas'),
        ('ledger', '0011_references_by_index'),
    ]

    operations = [
        migrations.CreateModel(
            name='TouchedStretch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stretch', models.CharField(db_index=True, max_length=20)),
            ],
            options={
                'verbose_name_plural': 'touched stretches',
            },
        ),
        migrations.CreateModel(
            name='StretchProduction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('plant', models.CharField(max_length=16)),
                ('stretch', models.CharField(max_length=20)),
                ('intervals', models.PositiveIntegerField()),
                ('produced_wh', models.BigIntegerField(verbose_name='produced (Wh)')),
                ('produced_hours', models.BinaryField()),
                ('certified_hours', models.BinaryField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('plant', 'stretch'), name='stretch_production_unique')],
            },
        ),
        migrations.CreateModel(
            name='StretchHolding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('plant', models.CharField(max_length=16)),
                ('stretch', models.CharField(max_length=20)),
                ('is_half', models.BooleanField()),
                ('lots', models.PositiveIntegerField()),
                ('amount_wh', models.BigIntegerField(verbose_name='amount (Wh)')),
                ('first', models.CharField(max_length=12)),
                ('last', models.CharField(max_length=12)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account')),
            ],
            options={
                'indexes': [models.Index(fields=['plant', 'stretch'], name='stretch_holding_of_plant')],
                'constraints': [models.UniqueConstraint(fields=('account', 'stretch', 'is_half'), name='stretch_holding_unique')],
            },
        ),
        migrations.CreateModel(
            name='StretchUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('plant', models.CharField(max_length=16)),
                ('stretch', models.CharField(max_length=20)),
                ('purpose', models.CharField(blank=True, max_length=100)),
                ('is_own', models.BooleanField()),
                ('amount_wh', models.BigIntegerField(verbose_name='amount (Wh)')),
                ('claimant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certificates.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('plant', 'stretch', 'claimant', 'purpose', 'is_own'), name='stretch_use_unique')],
            },
        ),
        migrations.RunPython(name_all, migrations.RunPython.noop),
    ]
