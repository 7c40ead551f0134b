"""Addresses that holders have the keys of, what they do there, and what they send to us."""

from django.db import models
from django.db.models import Q

from ledger.models.account import Account
from ledger.models.entry import Entry
from ledger.models.settlement import Block

ADDRESS_BYTES, HASH_BYTES, SIGNATURE_BYTES = 20, 32, 65


class OwnAddress(models.Model):
    """An address outside the registry's custody, with the account that mirrors it.

    `holder` is the account of whoever proved by `signature` over `message` that the key is
    theirs; empty for an address that somebody sent Wh to and nobody has linked.
    """

    address = models.BinaryField(max_length=ADDRESS_BYTES, unique=True)
    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="own_address")
    holder = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="own_addresses"
    )
    message = models.TextField(blank=True)
    signature = models.BinaryField(max_length=SIGNATURE_BYTES, blank=True)
    linked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "own addresses"
        constraints = [
            models.CheckConstraint(
                condition=Q(holder__isnull=True, linked_at__isnull=True, message="")
                | (Q(holder__isnull=False, linked_at__isnull=False) & ~Q(message="")),
                name="own_address_linked_by_a_message",
            ),
        ]

    def __str__(self) -> str:
        return f"0x{bytes(self.address).hex()}"


class MirroredEvent(models.Model):
    """An event of the chain that the book followed, once; `part` tells assets of one log apart."""

    block = models.ForeignKey(
        Block, on_delete=models.PROTECT, db_index=False, related_name="mirrored_events"
    )
    log_index = models.PositiveIntegerField()
    part = models.PositiveIntegerField(default=0)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="mirrored_event")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["block", "log_index", "part"], name="mirrored_event_once"
            )
        ]

    def __str__(self) -> str:
        return f"log {self.log_index}.{self.part} of {self.block_id}"


class WaitingTransaction(models.Model):
    """A transaction that a holder signed and sent, until a block holds it and after."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SEALED = "sealed", "Sealed"
        DROPPED = "dropped", "Dropped"

    transaction_hash = models.BinaryField(max_length=HASH_BYTES, unique=True)
    raw_transaction = models.BinaryField()
    sender = models.BinaryField(max_length=ADDRESS_BYTES)
    nonce = models.PositiveBigIntegerField()
    gas = models.PositiveBigIntegerField()
    status = models.CharField(max_length=20, choices=Status, default=Status.WAITING)
    block = models.ForeignKey(
        Block, on_delete=models.PROTECT, null=True, blank=True, related_name="waited_for"
    )
    reason = models.TextField(blank=True)
    received_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(status="waiting"), name="transaction_waiting")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["sender", "nonce"],
                condition=~Q(status="dropped"),
                name="waiting_transaction_nonce_unique",
            ),
            models.CheckConstraint(
                condition=Q(status="sealed", block__isnull=False)
                | (~Q(status="sealed") & Q(block__isnull=True)),
                name="waiting_transaction_sealed_in_a_block",
            ),
        ]

    def __str__(self) -> str:
        return f"0x{bytes(self.transaction_hash).hex()}"
