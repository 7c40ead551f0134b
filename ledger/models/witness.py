"""Who re-executes the chain elsewhere, and what they signed of it."""

from django.db import models
from django.db.models import F, Q

from ledger.models.settlement import Block

ADDRESS_BYTES = 20


class Witness(models.Model):
    """Somebody with a key who executes every block again and co-signs what follows.

    Their signatures count for blocks from `since_height` up to `retired_height`, where set.
    """

    address = models.BinaryField(max_length=ADDRESS_BYTES, unique=True)
    name = models.CharField(max_length=200)
    since_height = models.PositiveBigIntegerField()
    retired_height = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "witnesses"
        constraints = [
            models.CheckConstraint(
                condition=Q(retired_height__isnull=True) | Q(retired_height__gte=F("since_height")),
                name="witness_retired_after_its_start",
            )
        ]

    def __str__(self) -> str:
        return self.name


class WitnessSignature(models.Model):
    """A witness' signature of a block, and by it of every block before; checked when it came."""

    witness = models.ForeignKey(Witness, on_delete=models.PROTECT, related_name="signatures")
    block = models.ForeignKey(Block, on_delete=models.PROTECT, related_name="witness_signatures")
    signature = models.BinaryField(max_length=65)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["witness", "block"], name="witness_signs_a_block_once")
        ]

    def __str__(self) -> str:
        return f"{self.witness_id} on {self.block_id}"
