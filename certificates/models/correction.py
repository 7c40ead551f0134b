"""What became of certificates whose reading was corrected, and what a device still owes."""

from django.db import models
from django.db.models import Q

from certificates.models.device import Device
from certificates.models.lot import Lot
from certificates.models.organisation import Organisation
from certificates.models.reading import Reading
from certificates.models.standing import StandingQuerySet


class Correction(models.Model):
    """A later version of a reading came into force: the interval's totals, old and new.

    Upwards a supplementary lot follows; downwards `parts` and `debt_moves` say where the
    Wh were taken from. The reading states the new total, never the difference.
    """

    reading = models.OneToOneField(Reading, on_delete=models.PROTECT, related_name="correction")
    device = models.ForeignKey(
        Device, on_delete=models.PROTECT, db_index=False, related_name="corrections"
    )
    starts_at = models.DateTimeField()
    length_minutes = models.PositiveSmallIntegerField()
    before_wh = models.BigIntegerField("before (Wh)")
    after_wh = models.BigIntegerField("after (Wh)")
    corrected_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["device", "starts_at"], name="correction_interval")]

    def __str__(self) -> str:
        return f"{self.before_wh} Wh to {self.after_wh} Wh, {self.starts_at:%Y-%m-%dT%H:%MZ}"


class CorrectionPart(models.Model):
    """Wh of one lot that one holder lost to a correction.

    `source` is the rank in which they were taken. Only `objects.standing()` count: the
    chain may refuse a withdrawal.
    """

    class Source(models.TextChoices):
        LOT = "lot", "The owner's balance of the lot"
        OTHER_LOT = "other_lot", "The owner's other lots of the interval and area"
        RESERVE = "reserve", "The owner's reserve"
        AGREEMENT = "agreement", "Holders by standing agreement"

    correction = models.ForeignKey(Correction, on_delete=models.PROTECT, related_name="parts")
    source = models.CharField(max_length=12, choices=Source)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="correction_parts")
    holder = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="correction_parts"
    )
    amount_wh = models.BigIntegerField("amount (Wh)")
    entry = models.ForeignKey(
        "ledger.Entry", on_delete=models.PROTECT, related_name="correction_parts"
    )

    objects = StandingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_wh__gt=0), name="correction_part_counts_something"
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount_wh} Wh of lot {self.lot_id} from {self.holder_id}"


class DebtMove(models.Model):
    """A change of what a device owes, at one interval. Append-only; the sum is the open debt.

    `CORRECTION` and `CONSUMPTION` say what an interval brought about (less than nothing
    where a later correction lowers it); `WITHHELD` and `RELEASED` what its issuance paid
    (below zero) and got back.
    """

    class Kind(models.TextChoices):
        CORRECTION = "correction", "Certified but not generated"
        CONSUMPTION = "consumption", "Own consumption, carried on"
        WITHHELD = "withheld", "Withheld from issuance"
        RELEASED = "released", "Given back to issuance"

    device = models.ForeignKey(
        Device, on_delete=models.PROTECT, db_index=False, related_name="debt_moves"
    )
    starts_at = models.DateTimeField()
    length_minutes = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    amount_wh = models.BigIntegerField("amount (Wh)")
    correction = models.ForeignKey(
        Correction, on_delete=models.PROTECT, null=True, blank=True, related_name="debt_moves"
    )
    posted_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["device", "starts_at"], name="debt_move_interval")]
        constraints = [
            models.CheckConstraint(condition=~Q(amount_wh=0), name="debt_move_changes_something"),
            models.CheckConstraint(
                condition=~Q(kind="withheld") | Q(amount_wh__lt=0),
                name="debt_move_withholding_pays",
            ),
            models.CheckConstraint(
                condition=~Q(kind="released") | Q(amount_wh__gt=0),
                name="debt_move_release_gives_back",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_wh} Wh, {self.kind}, {self.starts_at:%Y-%m-%dT%H:%MZ}"
