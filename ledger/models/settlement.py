"""The outbox, the batches it is sent in, and the blocks that hold them."""

from django.db import models
from django.db.models import Q

from ledger.models.account import Account
from ledger.models.asset import Asset
from ledger.models.entry import Entry


class Block(models.Model):
    """A sealed block, as the database knows it; the writer never seals at or below the last."""

    height = models.PositiveBigIntegerField(unique=True)
    block_hash = models.BinaryField(max_length=32, unique=True)
    state_root = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ["-height"]

    def __str__(self) -> str:
        return f"block {self.height}"


class Batch(models.Model):
    """One call to the certificate contract, committed here before it is sent.

    A batch that reverts is split in two children with new nonces; the sequence that the
    contract expects is then still free. `nonce` is one of `sender`, the operator's key at the
    time. A holder's own retirement is a batch too, noted once it is sealed: it has no nonce of
    ours, and `sender` is who sent it.
    """

    class Kind(models.TextChoices):
        ISSUE = "issue", "Issuance"
        TRANSFER = "transfer", "Transfer"
        SETTLE = "settle", "Retirement"
        WITHDRAW = "withdraw", "Withdrawal"
        RELEASE = "release", "Release"
        UNBUNDLE = "unbundle", "Attributes parted"
        BUNDLE = "bundle", "Attributes joined"
        SUPERSEDE = "supersede", "Claim void"

    class Status(models.TextChoices):
        PREPARED = "prepared", "Prepared"
        SEALED = "sealed", "Sealed"
        REVERTED = "reverted", "Reverted"

    nonce = models.PositiveBigIntegerField(null=True, blank=True)
    sender = models.BinaryField(max_length=20, blank=True, default=b"")
    sequence = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=20, choices=Kind)
    status = models.CharField(max_length=20, choices=Status, default=Status.PREPARED)
    raw_transaction = models.BinaryField()
    transaction_hash = models.BinaryField(max_length=32)
    block = models.ForeignKey(
        Block, on_delete=models.PROTECT, null=True, blank=True, related_name="batches"
    )
    root = models.BinaryField(max_length=32, null=True, blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    reason = models.TextField(blank=True)
    prepared_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "batches"
        indexes = [
            models.Index(fields=["nonce"], condition=Q(status="prepared"), name="batch_prepared")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["nonce", "sender"], name="batch_nonce_unique_of_its_sender"
            ),
            # A holder's transaction may hold several batches, each of its own number.
            models.UniqueConstraint(
                fields=["transaction_hash", "sequence"], name="batch_once_in_its_transaction"
            ),
            models.UniqueConstraint(
                fields=["sequence"],
                condition=~Q(status="reverted"),
                name="batch_sequence_unique_unless_reverted",
            ),
            models.CheckConstraint(
                condition=Q(status="prepared") | Q(block__isnull=False),
                name="batch_outcome_names_its_block",
            ),
        ]

    def __str__(self) -> str:
        return f"batch {self.sequence}"


class SettlementEntry(models.Model):
    """The retirements of one account in one asset inside a batch: one sum tree.

    `from_*_wh` are the device's Wh numbers at which the entry starts, read back from the
    chain; empty for an attribute that the asset does not carry.
    """

    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, db_index=False, related_name="entries"
    )
    position = models.PositiveIntegerField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    count = models.PositiveIntegerField()
    tree_root = models.BinaryField(max_length=32)
    from_renewable_wh = models.BigIntegerField(null=True, blank=True)
    from_emissions_wh = models.BigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "settlement entries"
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "position"], name="settlement_entry_position_unique"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, count__gt=0), name="settlement_entry_counts_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.position}"


class OutboxItem(models.Model):
    """One entry of the book on its way to the chain, written in the entry's transaction.

    `digest` is what the chain keeps of it: the data leaf of an issued lot, or the
    commitment of a retirement. `renewable_wh` and `emissions_wh` are the first Wh numbers
    it was given, known only once certified.
    """

    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        SUBMITTED = "submitted", "Submitted"
        CERTIFIED = "certified", "Certified"
        FAILED = "failed", "Failed"
        UNDONE = "undone", "Undone before it was sent"

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="outbox_item")
    kind = models.CharField(max_length=20, choices=Batch.Kind)
    digest = models.BinaryField(max_length=32, blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.PENDING)
    batch = models.ForeignKey(
        Batch,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="items",
    )
    settlement_entry = models.ForeignKey(
        SettlementEntry,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="items",
    )
    position = models.PositiveIntegerField(null=True, blank=True)
    renewable_wh = models.BigIntegerField(null=True, blank=True)
    emissions_wh = models.BigIntegerField(null=True, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        # Of each status that few rows have at a time: SQLite uses a partial index only where a
        # query states its condition as it stands there.
        indexes = [
            models.Index(
                fields=["kind", "id"], condition=Q(status="pending"), name="outbox_pending"
            ),
            models.Index(fields=["id"], condition=Q(status="submitted"), name="outbox_submitted"),
            models.Index(fields=["id"], condition=Q(status="failed"), name="outbox_failed"),
            # Without the many that wait, to which these say nothing yet.
            models.Index(
                fields=["batch"], condition=Q(batch__isnull=False), name="outbox_of_batch"
            ),
            models.Index(
                fields=["settlement_entry"],
                condition=Q(settlement_entry__isnull=False),
                name="outbox_of_settlement_entry",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                # What was built on a refused act fails with it, sent or not.
                condition=Q(status__in=["pending", "undone", "failed"]) | Q(batch__isnull=False),
                name="outbox_item_sent_in_a_batch",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.entry_id}"
