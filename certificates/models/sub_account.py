"""Where an organisation keeps what it may not or does not want to use."""

from django.db import models
from django.db.models import Q

from certificates.models.organisation import Organisation


class SubAccount(models.Model):
    """An account of the book beside an organisation's main one.

    What lies here is out of reach of transfers, agreements and matching. There is one for
    what is reserved and one for what is locked; each offer, and each use that can still be
    undone, has one of its own, so that what it holds is what its account holds.
    """

    class Purpose(models.TextChoices):
        RESERVE = "reserve", "Reserved"
        LOCKED = "locked", "Locked"
        OFFER = "offer", "Offered"
        SCHEDULED = "scheduled", "About to be used"

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="sub_accounts"
    )
    purpose = models.CharField(max_length=10, choices=Purpose)
    account = models.OneToOneField(
        "ledger.Account", on_delete=models.PROTECT, related_name="sub_account"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "purpose"],
                condition=Q(purpose__in=["reserve", "locked"]),
                name="sub_account_one_per_purpose",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.organisation}"
