"""An act that uses certificates of many lots for one beneficiary, with its statement."""

from django.db import models
from django.db.models import F, Q

from certificates.domain import cancellation_states as states
from certificates.models.organisation import Organisation
from certificates.models.sub_account import SubAccount


class Cancellation(models.Model):
    """What was asked for; its retirements, found by `reference`, are what was done.

    `public_id` is the statement's unguessable address. `disclosure_key` salts what the chain
    keeps of it, so that single fields can be shown later. A scheduled one holds its Wh in an
    account of its own until `due_at`.
    """

    class Status(models.TextChoices):
        SCHEDULED = states.SCHEDULED, "Can still be undone"
        DONE = states.DONE, "Done"
        UNDONE = states.UNDONE, "Undone"
        EMPTY = states.EMPTY, "Nothing was left"

    class BeneficiaryKind(models.TextChoices):
        SELF = "self", "The account holder"
        ORGANISATION = "organisation", "Another organisation"
        PERSON = "person", "A person"

    holder = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="cancellations")
    key = models.CharField(max_length=120)
    request_hash = models.BinaryField(max_length=32)
    public_id = models.CharField(max_length=32, unique=True)
    disclosure_key = models.BinaryField(max_length=32)
    status = models.CharField(max_length=10, choices=Status)
    sub_account = models.OneToOneField(
        SubAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="cancellation"
    )
    lots = models.PositiveIntegerField()
    amount_wh = models.BigIntegerField("asked for (Wh)")
    beneficiary_kind = models.CharField(max_length=12, choices=BeneficiaryKind)
    beneficiary = models.CharField(max_length=200)
    address = models.CharField(max_length=300, blank=True)
    country = models.CharField(max_length=2)
    location = models.CharField(max_length=200, blank=True)
    purpose = models.CharField(max_length=100)
    note = models.CharField(max_length=500, blank=True)
    consumption_starts_at = models.DateTimeField()
    consumption_ends_at = models.DateTimeField()
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(status="scheduled"), name="cancellation_due"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["holder", "key"], name="cancellation_once_per_key"),
            models.CheckConstraint(
                condition=Q(amount_wh__gt=0, lots__gt=0), name="cancellation_counts_something"
            ),
            models.CheckConstraint(
                condition=Q(consumption_ends_at__gt=F("consumption_starts_at")),
                name="cancellation_consumption_is_a_period",
            ),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"), name="cancellation_country_is_a_code"
            ),
            models.CheckConstraint(
                condition=Q(status="scheduled", ended_at__isnull=True, sub_account__isnull=False)
                | (~Q(status="scheduled") & Q(ended_at__isnull=False)),
                name="cancellation_is_scheduled_or_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.amount_wh} Wh for {self.beneficiary}"

    @property
    def number(self) -> str:
        """The statement's number: the year of the act and a count of this registry."""
        return f"{self.asked_at:%Y}-{self.pk:06d}"

    @property
    def reference(self) -> str:
        """What its retirements are for."""
        return f"statement:{self.number}"
