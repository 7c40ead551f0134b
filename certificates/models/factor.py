"""What production of a kind emits, with its source and version."""

from django.db import models


class EmissionFactor(models.Model):
    """One version of a factor. Never edited: a better figure is a new version.

    `emissions_ug_per_wh`: micrograms CO2e per Wh, which is milligrams per kWh.
    """

    class Scope(models.TextChoices):
        LIFECYCLE = "lifecycle", "Lifecycle"
        DIRECT = "direct", "Direct"

    technology_code = models.CharField(max_length=7)
    energy_source_code = models.CharField(max_length=9)
    version = models.PositiveSmallIntegerField(default=1)
    emissions_ug_per_wh = models.PositiveIntegerField()
    scope = models.CharField(max_length=20, choices=Scope)
    gas = models.CharField(max_length=20, default="CO2e")
    source = models.CharField(max_length=200)
    year = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["technology_code", "energy_source_code", "scope", "version"],
                name="emission_factor_version_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{self.technology_code}/{self.energy_source_code} v{self.version} ({self.source})"
