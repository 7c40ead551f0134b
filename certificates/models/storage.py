"""Storage: what was fixed for it, what its meter said, whose energy it held and gave back."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q, QuerySet

from certificates.domain.storage import terms
from certificates.domain.storage.flows import CHARGE, DISCHARGE
from certificates.models.device import Device
from certificates.models.lot import Lot
from certificates.models.retirement import Retirement
from certificates.models.standing import entry_stands


class StorageTerms(models.Model):
    """What is fixed before a storage device begins to work, and never changed.

    `opening_wh` was in it at `starts_at`, of unknown origin. `disclosure_key` salts what the
    chain keeps of the retirements made for its charges.
    """

    device = models.OneToOneField(Device, on_delete=models.PROTECT, related_name="storage_terms")
    capacity_wh = models.PositiveBigIntegerField("capacity (Wh)")
    method = models.CharField(max_length=10, choices=terms.METHODS)
    loss_months = models.PositiveSmallIntegerField("loss interval (months)")
    starts_at = models.DateTimeField()
    opening_wh = models.PositiveBigIntegerField("stored at the start (Wh)", default=0)
    disclosure_key = models.BinaryField(max_length=32)
    fixed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "storage terms"
        constraints = [
            models.CheckConstraint(
                condition=Q(capacity_wh__gt=0), name="storage_terms_have_capacity"
            ),
            models.CheckConstraint(
                condition=Q(loss_months__gte=1, loss_months__lte=terms.LONGEST_MONTHS),
                name="storage_loss_interval_has_1_to_6_months",
            ),
            models.CheckConstraint(
                condition=Q(opening_wh__lte=F("capacity_wh")),
                name="storage_opens_within_capacity",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()}, {self.loss_months} months"


class StorageRecord(models.Model):
    """A charge (SCR) or a discharge (SDR): Wh in an interval, as the storage's meter said.

    A record in force is never edited: another version takes its place, or it is withdrawn;
    neither once its loss interval is settled. `raw_value` is the text as it stood in `line` of
    what was sent, whose SHA-256 is `sha256`.
    """

    class Direction(models.TextChoices):
        CHARGE = CHARGE, "Charge"
        DISCHARGE = DISCHARGE, "Discharge"

    class Status(models.TextChoices):
        IN_FORCE = "in_force", "In force"
        REPLACED = "replaced", "Replaced by a later version"
        WITHDRAWN = "withdrawn", "Withdrawn"

    device = models.ForeignKey(
        Device, on_delete=models.PROTECT, db_index=False, related_name="storage_records"
    )
    direction = models.CharField(max_length=9, choices=Direction)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    energy_wh = models.BigIntegerField("energy (Wh)")
    raw_value = models.CharField(max_length=40)
    validator = models.CharField(max_length=100, blank=True)
    sha256 = models.CharField(max_length=64)
    line = models.PositiveIntegerField()
    status = models.CharField(max_length=9, choices=Status, default=Status.IN_FORCE)
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device", "direction", "starts_at", "version"],
                name="storage_record_one_per_version",
            ),
            models.UniqueConstraint(
                fields=["device", "direction", "starts_at"],
                condition=Q(status="in_force"),
                name="storage_record_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(energy_wh__gt=0), name="storage_record_counts_something"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="storage_record_is_a_period"
            ),
            models.CheckConstraint(
                condition=Q(status="withdrawn", withdrawn_at__isnull=False)
                | (~Q(status="withdrawn") & Q(withdrawn_at__isnull=True)),
                name="storage_record_withdrawn_at_an_instant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} of {self.energy_wh} Wh, {self.starts_at:%Y-%m-%dT%H:%MZ}"

    @property
    def minutes(self) -> int:
        """How long its interval is."""
        return (self.ends_at - self.starts_at) // timedelta(minutes=1)


class ChargeAllocationQuerySet(QuerySet[Any]):
    """Retirements made for charges."""

    def standing(self) -> "ChargeAllocationQuerySet":
        """Without those that were undone, or refused by the chain."""
        return self.filter(entry_stands("retirement__entry"))


class ChargeAllocation(models.Model):
    """Certificates of a charge's interval that were retired for it.

    They stay with the interval: a later version of the charge takes them over.
    """

    charge = models.ForeignKey(StorageRecord, on_delete=models.PROTECT, related_name="allocations")
    retirement = models.OneToOneField(
        Retirement, on_delete=models.PROTECT, related_name="charge_allocation"
    )
    allocated_at = models.DateTimeField()

    objects = ChargeAllocationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"retirement {self.retirement_id} for charge {self.charge_id}"


class LossInterval(models.Model):
    """A settled loss interval of a storage device, in Wh.

    `opening_wh` was stored before, `input_wh` charged, `output_wh` discharged, `stored_wh` is
    stored at its end; what of it was allocated to certificates is in `parts`.
    """

    device = models.ForeignKey(
        Device, on_delete=models.PROTECT, db_index=False, related_name="loss_intervals"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    opening_wh = models.BigIntegerField("stored before (Wh)")
    input_wh = models.BigIntegerField("charged (Wh)")
    output_wh = models.BigIntegerField("discharged (Wh)")
    stored_wh = models.BigIntegerField("stored after (Wh)")
    given_wh = models.BigIntegerField("given back as certificates (Wh)")
    closed_by = models.CharField(max_length=200)
    closed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device", "starts_at"], name="loss_interval_closed_once"
            ),
            models.CheckConstraint(
                condition=Q(opening_wh__gte=0, input_wh__gte=0, stored_wh__gte=0, given_wh__gte=0)
                & Q(output_wh__lte=F("opening_wh") + F("input_wh") - F("stored_wh"))
                & Q(given_wh__lte=F("output_wh")),
                name="loss_interval_gives_no_more_than_it_took",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d} to {self.ends_at:%Y-%m-%d}"

    @property
    def lost_wh(self) -> int:
        """Input less output, as the meter saw it."""
        return self.opening_wh + self.input_wh - self.output_wh - self.stored_wh

    @property
    def gone_wh(self) -> int:
        """What went in and is not stored any more; `output_wh` / `gone_wh` is the efficiency."""
        return self.output_wh + self.lost_wh


class StoredPart(models.Model):
    """What became, in a settled loss interval, of Wh of one charge and one origin.

    Without an allocation it is of unknown origin; without a charge it was stored at the start.
    """

    interval = models.ForeignKey(LossInterval, on_delete=models.PROTECT, related_name="parts")
    charge = models.ForeignKey(
        StorageRecord, on_delete=models.PROTECT, null=True, blank=True, related_name="stored_parts"
    )
    allocation = models.ForeignKey(
        ChargeAllocation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="stored_parts",
    )
    amount_wh = models.BigIntegerField("charged or stored before (Wh)")
    drawn_wh = models.BigIntegerField("drawn (Wh)")
    given_wh = models.BigIntegerField("given back (Wh)")
    lost_wh = models.BigIntegerField("lost (Wh)")
    left_wh = models.BigIntegerField("still stored (Wh)")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_wh=F("drawn_wh") + F("lost_wh") + F("left_wh"))
                & Q(drawn_wh__gte=0, lost_wh__gte=0, left_wh__gte=0, given_wh__gte=0)
                & Q(given_wh__lte=F("drawn_wh")),
                name="stored_part_is_balanced",
            ),
            models.CheckConstraint(
                condition=Q(allocation__isnull=False, charge__isnull=False)
                | Q(allocation__isnull=True, given_wh=0),
                name="stored_part_of_unknown_origin_gives_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_wh} Wh of charge {self.charge_id}"


class DischargePart(models.Model):
    """What a discharge drew of one charge's certificates, and what of it is certified again.

    `lot` is empty where nothing was left after losses.
    """

    interval = models.ForeignKey(
        LossInterval, on_delete=models.PROTECT, related_name="discharge_parts"
    )
    discharge = models.ForeignKey(
        StorageRecord, on_delete=models.PROTECT, related_name="discharge_parts"
    )
    allocation = models.ForeignKey(
        ChargeAllocation, on_delete=models.PROTECT, related_name="discharge_parts"
    )
    drawn_wh = models.BigIntegerField("drawn (Wh)")
    given_wh = models.BigIntegerField("given back (Wh)")
    lot = models.ForeignKey(
        Lot, on_delete=models.PROTECT, null=True, blank=True, related_name="discharge_parts"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["discharge", "allocation"], name="discharge_part_once_per_charge"
            ),
            models.CheckConstraint(
                condition=Q(drawn_wh__gt=0, given_wh__gte=0, given_wh__lte=F("drawn_wh")),
                name="discharge_part_gives_no_more_than_it_drew",
            ),
            models.CheckConstraint(
                condition=Q(lot__isnull=False) | Q(given_wh=0),
                name="discharge_part_given_is_a_lot",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.given_wh} Wh of {self.drawn_wh} Wh drawn"
