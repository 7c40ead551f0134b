"""Every figure of the grid says its scope, its gas and its version."""

import re

from django.db import migrations, models
from django.db.models import Q

SCOPES = [("lifecycle", "Lifecycle"), ("direct", "Direct"), ("unstated", "Unstated")]
# How marginal figures told it within their source until now.
NAMED = re.compile(r"(?P<name>.+) \((?P<gas>\S+), (?P<scope>\S+), version (?P<version>\d+)\)")


def say(apps, schema_editor):
    """Averages counted as lifecycle CO2e until now; marginal figures named it in their source."""
    rows = apps.get_model("certificates", "GridIntensity").objects
    rows.filter(kind="average").update(scope="lifecycle", gas="CO2e")
    marginal = rows.filter(kind="marginal")
    for source in marginal.values_list("source", flat=True).distinct():
        named = NAMED.fullmatch(source)
        if named is not None and named["scope"] in dict(SCOPES):
            marginal.filter(source=source).update(
                source=named["name"],
                scope=named["scope"],
                gas=named["gas"],
                version=int(named["version"]),
            )


def put_back(apps, schema_editor):
    rows = apps.get_model("certificates", "GridIntensity").objects
    marginal = rows.filter(kind="marginal").exclude(scope="unstated")
    for told in marginal.values_list("source", "gas", "scope", "version").distinct():
        source, gas, scope, version = told
        marginal.filter(source=source, gas=gas, scope=scope, version=version).update(
            source=f"{source} ({gas}, {scope}, version {version})"
        )


class Migration(migrations.Migration):
    dependencies = [("certificates", "0012_handovers_and_standing_orders")]
    operations = [
        migrations.AddField(
            "gridintensity",
            "gas",
            models.CharField(default="unstated", max_length=20),
            preserve_default=False,
        ),
        migrations.AddField(
            "gridintensity",
            "scope",
            models.CharField(choices=SCOPES, default="unstated", max_length=20),
            preserve_default=False,
        ),
        migrations.AddField(
            "gridintensity", "version", models.PositiveIntegerField(default=1)
        ),
        migrations.RunPython(say, put_back),
        migrations.AddConstraint(
            "gridintensity",
            models.CheckConstraint(
                condition=Q(scope__in=["lifecycle", "direct", "unstated"]) & ~Q(gas=""),
                name="grid_intensity_says_what_it_counts",
            ),
        ),
    ]
