"""What was used, for whom: irreversible once settled."""

from django.db import models
from django.db.models import F, Q

from certificates.models.lot import Lot
from certificates.models.organisation import Organisation
from certificates.models.standing import StandingQuerySet


class Retirement(models.Model):
    """Wh of one lot, used once for one beneficiary (a cancellation).

    `reference` is opaque here: whoever consumed knows what it names. The first Wh numbers,
    one for each attribute retired, are read back from the chain once certified.
    """

    class BeneficiaryType(models.TextChoices):
        NAMED = "named", "Named beneficiary"
        PUBLIC_CHARGING = "public_charging", "Anonymous public charging"

    entry = models.OneToOneField(
        "ledger.Entry", on_delete=models.PROTECT, related_name="retirement"
    )
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="retirements")
    mask = models.PositiveSmallIntegerField()
    amount_wh = models.BigIntegerField("amount (Wh)")
    claimant = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="retirements")
    beneficiary_type = models.CharField(max_length=20, choices=BeneficiaryType)
    beneficiary = models.CharField(max_length=200, blank=True)
    purpose = models.CharField(max_length=100)
    country = models.CharField(max_length=2)
    consumption_starts_at = models.DateTimeField()
    consumption_ends_at = models.DateTimeField()
    reference = models.CharField(max_length=200, db_index=True)
    retired_at = models.DateTimeField()
    first_renewable_wh = models.BigIntegerField(null=True, blank=True)
    first_emissions_wh = models.BigIntegerField(null=True, blank=True)

    objects = StandingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_wh__gt=0), name="retirement_counts_something"
            ),
            models.CheckConstraint(condition=Q(mask__in=[1, 2, 3]), name="retirement_mask_known"),
            models.CheckConstraint(
                condition=Q(consumption_ends_at__gt=F("consumption_starts_at")),
                name="retirement_consumption_is_a_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_wh} Wh for {self.reference}"


class OwnRetirement(models.Model):
    """Wh that a holder retired at an address of its own, without asking the registry.

    `reference` is what the holder's transaction said, as the chain keeps it.
    """

    entry = models.OneToOneField(
        "ledger.Entry", on_delete=models.PROTECT, related_name="own_retirement"
    )
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="own_retirements")
    mask = models.PositiveSmallIntegerField()
    amount_wh = models.BigIntegerField("amount (Wh)")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="own_retirements"
    )
    reference = models.CharField(max_length=200)
    retired_at = models.DateTimeField()
    first_renewable_wh = models.BigIntegerField(null=True, blank=True)
    first_emissions_wh = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_wh__gt=0), name="own_retirement_counts_something"
            ),
            models.CheckConstraint(
                condition=Q(mask__in=[1, 2, 3]), name="own_retirement_mask_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_wh} Wh retired by {self.organisation_id}"
