"""How much more than its power a plant may show, and whole MWh for every new plant, as terms."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('certificates', '0014_kept_totals'),
    ]

    operations = [
        migrations.AddField(
            model_name='registrypolicy',
            name='capacity_tolerance_percent',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='registrypolicy',
            name='whole_certificates_only',
            field=models.BooleanField(default=False, db_default=False),
        ),
        migrations.AddConstraint(
            model_name='registrypolicy',
            constraint=models.CheckConstraint(
                condition=models.Q(('capacity_tolerance_percent__isnull', True), ('capacity_tolerance_percent__lte', 100), _connector='OR'),
                name='policy_tolerance_is_a_percentage',
            ),
        ),
    ]
