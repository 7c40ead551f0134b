"""What was found when everything said of a charge was held side by side."""

from django.db import models
from django.db.models import F, Q

from charging.models.ocpi import Cdr
from charging.models.session import Session


class ChargeFinding(models.Model):
    """A contradiction in what is said of a charge, as it was first found.

    One that a later look no longer finds is `settled_at` then, and stays readable.
    """

    class Code(models.TextChoices):
        UNIT = "unit", "Unit mixed up"
        ENERGY = "energy", "Energy differs"
        TIME = "time", "Times differ"
        COST = "cost", "Cost differs"
        DUPLICATE = "duplicate", "The same charge twice"
        OVERLAP = "overlap", "Two charges at once"
        OVER_POWER = "over_power", "More than the connector gives"
        METER = "meter", "Signed meter value"
        NOT_RATED = "not_rated", "Cost could not be checked"

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="findings")
    code = models.CharField(max_length=12, choices=Code)
    sentence = models.TextField()
    figures = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "digest"],
                condition=Q(settled_at__isnull=True),
                name="charge_finding_open_once",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) | Q(settled_at__gte=F("found_at")),
                name="charge_finding_settled_after_it_was_found",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} of {self.session_id}"


class CdrRating(models.Model):
    """What a CDR costs under its own tariffs, computed here. Amounts in the main unit."""

    cdr = models.OneToOneField(Cdr, on_delete=models.PROTECT, related_name="rating")
    currency = models.CharField(max_length=3)
    cost_excl = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    cost_incl = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    rated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.cost_excl} {self.currency}"
