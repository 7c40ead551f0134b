"""Standing orders: certificates are used for a beneficiary, period after period."""

from django.db import models
from django.db.models import F, Q

from certificates.domain import order_states as states
from certificates.models.agreement import measure_words
from certificates.models.cancellation import Cancellation
from certificates.models.device import Device
from certificates.models.organisation import Organisation

ONE_MEASURE = (
    Q(share_ppm__gt=0, share_ppm__lte=1_000_000, wh_per_hour__isnull=True, wh_per_run__isnull=True)
    | Q(share_ppm=0, wh_per_hour__isnull=False, wh_per_hour__gt=0, wh_per_run__isnull=True)
    | Q(share_ppm=0, wh_per_hour__isnull=True, wh_per_run__isnull=False, wh_per_run__gt=0)
)


class StandingOrder(models.Model):
    """What its holder has of each UTC day or month is used once that has been over for
    `wait_days`: a share, Wh of every hour, or Wh of the whole, of certificates of one plant,
    kind or area.

    Periods before `runs_from` are left out: those that came due while the order was paused.
    """

    class Status(models.TextChoices):
        ACTIVE = states.ACTIVE, "Active"
        PAUSED = states.PAUSED, "Paused"
        ENDED = states.ENDED, "Ended"

    class Every(models.TextChoices):
        DAY = "day", "Day"
        MONTH = "month", "Month"

    holder = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="standing_orders"
    )
    key = models.CharField(max_length=120)
    request_hash = models.BinaryField(max_length=32)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    device = models.ForeignKey(
        Device, on_delete=models.PROTECT, null=True, blank=True, related_name="standing_orders"
    )
    technology = models.CharField(max_length=20, blank=True)
    area = models.CharField(max_length=40, blank=True)
    share_ppm = models.PositiveIntegerField("share (ppm)", default=0)
    wh_per_hour = models.BigIntegerField("Wh per hour", null=True, blank=True)
    wh_per_run = models.BigIntegerField("Wh per period", null=True, blank=True)
    every = models.CharField(max_length=5, choices=Every, default=Every.MONTH)
    wait_days = models.PositiveSmallIntegerField(default=5)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    runs_from = models.DateTimeField()
    beneficiary_kind = models.CharField(max_length=12, choices=Cancellation.BeneficiaryKind)
    beneficiary = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=300, blank=True)
    country = models.CharField(max_length=2)
    location = models.CharField(max_length=200, blank=True)
    purpose = models.CharField(max_length=100)
    note = models.CharField(max_length=500, blank=True)
    problem = models.CharField(max_length=500, blank=True)
    ordered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["holder", "key"], name="standing_order_once_per_key"),
            models.CheckConstraint(condition=ONE_MEASURE, name="standing_order_has_one_measure"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="standing_order_period_is_a_period",
            ),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"), name="standing_order_country_is_a_code"
            ),
            models.CheckConstraint(
                condition=Q(status="ended", ended_at__isnull=False)
                | (~Q(status="ended") & Q(ended_at__isnull=True)),
                name="standing_order_ended_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"standing order {self.pk}: {self.measure} for {self.beneficiary or 'itself'}"

    @property
    def measure(self) -> str:
        """What is used, in words."""
        if self.wh_per_run:
            return f"{self.wh_per_run:,} Wh of every {self.every}"
        return measure_words(self.share_ppm, self.wh_per_hour)


class StandingRun(models.Model):
    """One period of a standing order is done, once; without a cancellation nothing was there."""

    order = models.ForeignKey(StandingOrder, on_delete=models.PROTECT, related_name="runs")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cancellation = models.OneToOneField(
        Cancellation, on_delete=models.PROTECT, null=True, blank=True, related_name="standing_run"
    )
    ran_at = models.DateTimeField()

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "starts_at"], name="standing_run_once_per_period"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="standing_run_is_a_period"
            ),
        ]

    def __str__(self) -> str:
        return f"run of order {self.order_id} for {self.starts_at:%Y-%m-%d}"
