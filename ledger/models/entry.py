"""What happened to what is held. Append-only: the database refuses change and removal."""

from django.db import models
from django.db.models import F, Q

from ledger.models.account import Account
from ledger.models.asset import Asset


class Entry(models.Model):
    """One act in the book, once per key."""

    class Kind(models.TextChoices):
        ISSUE = "issue", "Issuance"
        TRANSFER = "transfer", "Transfer"
        RETIRE = "retire", "Retirement"
        WITHDRAW = "withdraw", "Withdrawal"
        RELEASE = "release", "Release to an own address"
        UNBUNDLE = "unbundle", "Attributes parted"
        BUNDLE = "bundle", "Attributes joined"
        SUPERSEDE = "supersede", "Claim void"
        REVERSE = "reverse", "Reversal"

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=20, choices=Kind)
    content_hash = models.BinaryField(max_length=32)
    posted_at = models.DateTimeField()
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversal"
    )

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="reverse", reverses__isnull=False)
                | (~Q(kind="reverse") & Q(reverses__isnull=True)),
                name="entry_reversal_names_what_it_reverses",
            )
        ]

    def __str__(self) -> str:
        return self.key


class Posting(models.Model):
    """One move of an amount of one asset from a source to a destination.

    A move takes from one account what it gives to another, so that an entry cannot be
    out of balance.
    """

    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, db_index=False, related_name="postings"
    )
    position = models.PositiveSmallIntegerField()
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="postings")
    source = models.ForeignKey(
        Account, on_delete=models.PROTECT, db_index=False, related_name="postings_out"
    )
    destination = models.ForeignKey(
        Account, on_delete=models.PROTECT, db_index=False, related_name="postings_in"
    )
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "position"], name="posting_position_unique_in_entry"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="posting_amount_positive"),
            models.CheckConstraint(
                condition=~Q(source=F("destination")), name="posting_between_two_accounts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.asset_id} from {self.source_id} to {self.destination_id}"
