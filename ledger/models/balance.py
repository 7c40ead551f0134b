"""What each account holds of each asset."""

from django.db import models
from django.db.models import Q

from ledger.models.account import Account
from ledger.models.asset import Asset


class Balance(models.Model):
    """The sum of an account's postings in one asset, kept by the posting function alone.

    The CHECK refuses an overdraft in the database, whoever races whom.
    """

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, db_index=False, related_name="balances"
    )
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="balances")
    amount = models.BigIntegerField(default=0)
    may_be_negative = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "asset"], name="balance_account_and_asset_unique"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0) | Q(may_be_negative=True),
                name="balance_never_overdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} holds {self.amount} of {self.asset_id}"
