"""Standing agreements: who gets a part of what a device will produce, and how they came about."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from certificates.domain import proposal_states as states
from certificates.models.device import Device
from certificates.models.organisation import Organisation

ONE_MEASURE = Q(share_ppm__gt=0, share_ppm__lte=1_000_000, wh_per_hour__isnull=True) | Q(
    share_ppm=0, wh_per_hour__isnull=False, wh_per_hour__gt=0
)


class Agreement(models.Model):
    """A standing part of a device's issuance for production in a period.

    Either a share in parts per million, or Wh of each hour. Whoever ended it did so for
    production from `ended_from` on; before that it holds, for late data too.
    """

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="agreements")
    to = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="agreements_in")
    share_ppm = models.PositiveIntegerField("share (ppm)", default=0)
    wh_per_hour = models.BigIntegerField("Wh per hour", null=True, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    agreed_at = models.DateTimeField()
    ended_from = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ONE_MEASURE, name="agreement_share_within_the_whole"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="agreement_period_is_a_period",
            ),
            models.CheckConstraint(
                condition=Q(ended_from__isnull=True)
                | Q(ended_from__gte=F("starts_at"), ends_at__isnull=True)
                | Q(ended_from__gte=F("starts_at"), ended_from__lt=F("ends_at")),
                name="agreement_ended_within_its_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure} of {self.device_id} to {self.to_id}"

    @property
    def last_at(self) -> datetime | None:
        """Where it ends, by its terms or because a side ended it; None while it is open."""
        return self.ended_from or self.ends_at

    @property
    def measure(self) -> str:
        """What is given, in words."""
        return measure_words(self.share_ppm, self.wh_per_hour)


class AgreementProposal(models.Model):
    """An agreement that one side asks of the other; in force only once the other accepts."""

    class Status(models.TextChoices):
        OPEN = states.OPEN, "Open"
        ACCEPTED = states.ACCEPTED, "Accepted"
        REJECTED = states.REJECTED, "Rejected"
        WITHDRAWN = states.WITHDRAWN, "Withdrawn"

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="proposals")
    to = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="proposals_in")
    proposed_by = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="proposals_made"
    )
    share_ppm = models.PositiveIntegerField("share (ppm)", default=0)
    wh_per_hour = models.BigIntegerField("Wh per hour", null=True, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    agreement = models.OneToOneField(
        Agreement, on_delete=models.PROTECT, null=True, blank=True, related_name="proposal"
    )
    proposed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=ONE_MEASURE, name="proposal_has_one_measure"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="proposal_period_is_a_period",
            ),
            models.CheckConstraint(
                condition=Q(status="accepted", agreement__isnull=False, ended_at__isnull=False)
                | Q(status="open", agreement__isnull=True, ended_at__isnull=True)
                | Q(
                    status__in=["rejected", "withdrawn"],
                    agreement__isnull=True,
                    ended_at__isnull=False,
                ),
                name="proposal_accepted_is_an_agreement",
            ),
        ]

    def __str__(self) -> str:
        return f"proposal {self.pk} of {self.device_id} to {self.to_id}"

    @property
    def measure(self) -> str:
        """What would be given, in words."""
        return measure_words(self.share_ppm, self.wh_per_hour)


def measure_words(share_ppm: int, wh_per_hour: int | None) -> str:
    """A measure as people read it, such as "4.63 %" or "500 Wh of every hour"."""
    if wh_per_hour:
        return f"{wh_per_hour:,} Wh of every hour"
    percent = f"{share_ppm // 10_000}.{share_ppm % 10_000:04d}".rstrip("0").rstrip(".")
    return f"{percent} %"
