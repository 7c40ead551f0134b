"""What is kept of every stretch, so that pages need not add up a million certificates.

Everything here is derived: it says nothing that lots, balances, readings and retirements do not.
What changes one of these names its stretch in `TouchedStretch` in the same transaction; what is
kept of a touched stretch does not count until it was reckoned anew
(docs/decisions/0021-kept-totals.md).
"""

from django.db import models

from certificates.models.organisation import Organisation


class TouchedStretch(models.Model):
    """Something in a stretch changed, and what is kept of it is out of date. Never updated."""

    stretch = models.CharField(max_length=20, db_index=True)

    class Meta:
        verbose_name_plural = "touched stretches"

    def __str__(self) -> str:
        return self.stretch


class StretchHolding(models.Model):
    """Wh of a stretch's certificates in an account, and in how many balances above zero.

    `is_half` are those whose EMISSIONS attribute was parted from the other. `first` and `last`
    are start and length (12 hexadecimal digits, minutes) of the first and the last interval.
    """

    plant = models.CharField(max_length=16)
    stretch = models.CharField(max_length=20)
    account = models.ForeignKey(
        "ledger.Account", on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    is_half = models.BooleanField()
    lots = models.PositiveIntegerField()
    amount_wh = models.BigIntegerField("amount (Wh)")
    first = models.CharField(max_length=12)
    last = models.CharField(max_length=12)

    class Meta:
        indexes = [models.Index(fields=["plant", "stretch"], name="stretch_holding_of_plant")]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "stretch", "is_half"], name="stretch_holding_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount_wh} Wh of {self.stretch} in {self.account_id}"


class StretchProduction(models.Model):
    """What was metered in a stretch above zero, and issued, Wh: in all and by hour.

    `intervals` have a reading, in whatever state. The hours are packed as
    `certificates.domain.stretches.packed` does.
    """

    plant = models.CharField(max_length=16)
    stretch = models.CharField(max_length=20)
    intervals = models.PositiveIntegerField()
    produced_wh = models.BigIntegerField("produced (Wh)")
    produced_hours = models.BinaryField()
    certified_hours = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plant", "stretch"], name="stretch_production_unique")
        ]

    def __str__(self) -> str:
        return f"{self.produced_wh} Wh in {self.stretch}"


class StretchUse(models.Model):
    """Wh of a stretch's certificates that one organisation used for one purpose.

    `is_own` are those that a holder retired at an address of its own.
    """

    plant = models.CharField(max_length=16)
    stretch = models.CharField(max_length=20)
    claimant = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    purpose = models.CharField(max_length=100, blank=True)
    is_own = models.BooleanField()
    amount_wh = models.BigIntegerField("amount (Wh)")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plant", "stretch", "claimant", "purpose", "is_own"],
                name="stretch_use_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount_wh} Wh of {self.stretch} for {self.purpose}"
