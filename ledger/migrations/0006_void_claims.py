"""A retirement whose claim is void, and the entry and call that say so."""

import django.db.models.deletion
from django.db import migrations, models

TABLE = "ledger_voidclaim"


def forwards(apps, schema_editor):
    """Refuse change and removal, with the function that the other append-only tables use."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    body = f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
    for act in ("UPDATE", "DELETE"):
        schema_editor.execute(
            f"CREATE TRIGGER {TABLE}_no_{act.lower()} BEFORE {act} ON {TABLE} FOR EACH ROW "
            + ("EXECUTE FUNCTION ledger_append_only()" if is_postgresql else body)
        )


def backwards(apps, schema_editor):
    on = f" ON {TABLE}" if schema_editor.connection.vendor == "postgresql" else ""
    for act in ("update", "delete"):
        schema_editor.execute(f"DROP TRIGGER {TABLE}_no_{act}{on}")


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0005_bundling'),
    ]

    operations = [
        migrations.AlterField(
            model_name='batch',
            name='kind',
            field=models.CharField(choices=[('issue', 'Issuance'), ('transfer', 'Transfer'), ('settle', 'Retirement'), ('withdraw', 'Withdrawal'), ('release', 'Release'), ('unbundle', 'Attributes parted'), ('bundle', 'Attributes joined'), ('supersede', 'Claim void')], max_length=20),
        ),
        migrations.AlterField(
            model_name='entry',
            name='kind',
            field=models.CharField(choices=[('issue', 'Issuance'), ('transfer', 'Transfer'), ('retire', 'Retirement'), ('withdraw', 'Withdrawal'), ('release', 'Release to an own address'), ('unbundle', 'Attributes parted'), ('bundle', 'Attributes joined'), ('supersede', 'Claim void'), ('reverse', 'Reversal')], max_length=20),
        ),
        migrations.AlterField(
            model_name='outboxitem',
            name='kind',
            field=models.CharField(choices=[('issue', 'Issuance'), ('transfer', 'Transfer'), ('settle', 'Retirement'), ('withdraw', 'Withdrawal'), ('release', 'Release'), ('unbundle', 'Attributes parted'), ('bundle', 'Attributes joined'), ('supersede', 'Claim void')], max_length=20),
        ),
        migrations.CreateModel(
            name='VoidClaim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.PositiveSmallIntegerField()),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='void_claim', to='ledger.entry')),
                ('retirement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='voided_by', to='ledger.entry')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('reason__gt', 0)), name='void_claim_has_a_reason'), models.CheckConstraint(condition=models.Q(('entry', models.F('retirement')), _negated=True), name='void_claim_is_of_another_entry')],
            },
        ),
        migrations.RunPython(forwards, backwards),
    ]
