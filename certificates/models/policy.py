"""What a registry decides for everyone in it."""

from django.db import models
from django.db.models import F, Q


class RegistryPolicy(models.Model):
    """The registry's terms from an instant on; an empty field means: no such limit.

    A registry without any row has no limits, as the demo. Months count from the end of
    the production interval.

    A sold plant changes hands only with an auditor's approval, unless `handovers_need_approval`
    is off. The day percents are how much of full power a technology may show over a day before
    its readings are held, `capacity_tolerance_percent` how much more than full power an interval
    may; empty means the assumption in `domain.rules.technologies`. `whole_certificates_only` lets
    plants be registered for whole MWh alone.
    """

    valid_from = models.DateTimeField(unique=True)
    tradable_months = models.PositiveSmallIntegerField(null=True, blank=True)
    usable_months = models.PositiveSmallIntegerField(null=True, blank=True)
    expiry_notice_days = models.PositiveSmallIntegerField(default=30)
    upload_deadline_days = models.PositiveSmallIntegerField(null=True, blank=True)
    debt_overdue_days = models.PositiveSmallIntegerField(null=True, blank=True)
    handovers_need_approval = models.BooleanField(default=True)
    photovoltaic_day_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    tidal_day_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    capacity_tolerance_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    whole_certificates_only = models.BooleanField(default=False, db_default=False)
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
            ),
            models.CheckConstraint(
                condition=(
                    Q(photovoltaic_day_percent__isnull=True)
                    | Q(photovoltaic_day_percent__range=(1, 100))
                )
                & (Q(tidal_day_percent__isnull=True) | Q(tidal_day_percent__range=(1, 100))),
                name="policy_day_percents_are_percents",
            ),
            models.CheckConstraint(
                condition=Q(capacity_tolerance_percent__isnull=True)
                | Q(capacity_tolerance_percent__lte=100),
                name="policy_tolerance_is_a_percentage",
            ),
        ]

    def __str__(self) -> str:
        return f"from {self.valid_from:%Y-%m-%dT%H:%MZ}"
