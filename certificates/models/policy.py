"""What a registry decides for everyone in it."""

from django.db import models
from django.db.models import F, Q


class RegistryPolicy(models.Model):
    """The registry's terms from an instant on; an empty field means: no such limit.

    A registry without any row has no limits, as the demo. Months count from the end of
    the production interval.
    """

    valid_from = models.DateTimeField(unique=True)
    tradable_months = models.PositiveSmallIntegerField(null=True, blank=True)
    usable_months = models.PositiveSmallIntegerField(null=True, blank=True)
    expiry_notice_days = models.PositiveSmallIntegerField(default=30)
    upload_deadline_days = models.PositiveSmallIntegerField(null=True, blank=True)
    debt_overdue_days = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "registry policies"
        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(tradable_months__isnull=True)
                | Q(usable_months__isnull=True)
                | Q(tradable_months__lte=F("usable_months")),
                name="policy_trade_ends_no_later_than_use",
            )
        ]

    def __str__(self) -> str:
        return f"from {self.valid_from:%Y-%m-%dT%H:%MZ}"
