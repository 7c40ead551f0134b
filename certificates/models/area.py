"""Where electricity is matched, and how clean the grid there was."""

from django.db import models
from django.db.models import F, Q


class Area(models.Model):
    """A bidding zone or another area of one scheme, while it was in force.

    `matching_minutes` is the area's policy for the matching interval, aligned to UTC.
    """

    class Scheme(models.TextChoices):
        EIC = "EIC", "EIC bidding zone"
        AEMO = "AEMO", "AEMO region"
        EGRID = "eGRID", "eGRID subregion"
        OTHER = "other", "Other"

    scheme = models.CharField(max_length=10, choices=Scheme)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    timezone = models.CharField(max_length=40)
    matching_minutes = models.PositiveSmallIntegerField(default=60)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "code", "valid_from"], name="area_code_unique_in_time"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="area_validity_is_a_period",
            ),
            models.CheckConstraint(
                condition=Q(matching_minutes__in=[15, 30, 60]), name="area_matching_minutes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class GridIntensity(models.Model):
    """Emissions of an area's generation in one interval, micrograms CO2e per Wh
    (which is milligrams per kWh). `estimated` marks an interval filled from the month's mean.

    The average is of all that generated; the marginal is of what one Wh more would have cost.
    The two answer different questions and are never added, and neither are figures of another
    scope or gas; whoever loads a figure says what it counts.
    """

    class Scope(models.TextChoices):
        LIFECYCLE = "lifecycle", "Lifecycle"
        DIRECT = "direct", "Direct"
        UNSTATED = "unstated", "Unstated"  # kept from before it was asked for

    class Kind(models.TextChoices):
        AVERAGE = "average", "Average"
        MARGINAL = "marginal", "Marginal"

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="intensities")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.AVERAGE)
    starts_at = models.DateTimeField()
    length_minutes = models.PositiveSmallIntegerField(default=60)
    emissions_ug_per_wh = models.PositiveIntegerField()
    estimated = models.BooleanField(default=False)
    scope = models.CharField(max_length=20, choices=Scope)
    gas = models.CharField(max_length=20)
    source = models.CharField(max_length=200)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "grid intensities"
        constraints = [
            models.UniqueConstraint(
                fields=["area", "kind", "starts_at"],
                name="grid_intensity_one_per_kind_and_interval",
            ),
            models.CheckConstraint(
                condition=Q(scope__in=["lifecycle", "direct", "unstated"]) & ~Q(gas=""),
                name="grid_intensity_says_what_it_counts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area_id} {self.starts_at:%Y-%m-%d %H:%M}"
