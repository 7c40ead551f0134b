"""Where an organisation keeps what it may not or does not want to use."""

from django.db import models

from certificates.models.organisation import Organisation


class SubAccount(models.Model):
    """An account of the book beside an organisation's main one, one per purpose.

    What lies here is out of reach of transfers, agreements and matching.
    """

    class Purpose(models.TextChoices):
        RESERVE = "reserve", "Reserved"
        LOCKED = "locked", "Locked"

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
                fields=["organisation", "purpose"], name="sub_account_one_per_purpose"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.organisation}"
