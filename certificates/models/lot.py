"""What was issued."""

from django.db import models
from django.db.models import Q

from certificates.models.device import Device, Quality
from certificates.models.factor import EmissionFactor
from certificates.models.reading import Reading
from certificates.models.standing import StandingQuerySet


class Lot(models.Model):
    """A granular certificate bundle: the Wh of one device in one interval.

    `code` is the token id with the mask cleared, 40 hexadecimal digits. `first_wh` is the
    lot's place on the device's odometer, read back from the chain: it stays empty until
    the lot is certified. The emission factor is frozen here (micrograms CO2e per Wh).

    `reading` is empty where no meter file of ours stands behind the lot: what storage gave back,
    and what was certified elsewhere. `generated_by` is the plant whose source such a lot keeps
    where that is not its own device.

    A lot whose issuance was refused stays as a record; only `objects.standing()` count.
    """

    device = models.ForeignKey(
        Device, on_delete=models.PROTECT, db_index=False, related_name="lots"
    )
    starts_at = models.DateTimeField()
    length_minutes = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField(default=0)
    code = models.CharField(max_length=40, unique=True)
    mask = models.PositiveSmallIntegerField()
    amount_wh = models.BigIntegerField("amount (Wh)")
    quality = models.CharField(max_length=12, choices=Quality)
    factor = models.ForeignKey(
        EmissionFactor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="lots",
    )
    factor_ug_per_wh = models.PositiveIntegerField(null=True, blank=True)
    reading = models.ForeignKey(
        Reading, on_delete=models.PROTECT, null=True, blank=True, related_name="lots"
    )
    generated_by = models.ForeignKey(
        Device,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="stored_lots",
    )
    entry = models.OneToOneField("ledger.Entry", on_delete=models.PROTECT, related_name="lot")
    issued_at = models.DateTimeField()
    first_wh = models.BigIntegerField("first Wh number", null=True, blank=True)

    objects = StandingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["device", "first_wh"],
                condition=Q(first_wh__isnull=False),
                name="lot_device_first_wh",
            ),
            # With the id, so that pages by time stop at their last row instead of its hour's.
            models.Index(fields=["starts_at", "id"], name="lot_starts_at_and_id"),
            models.Index(
                fields=["generated_by"],
                condition=Q(generated_by__isnull=False),
                name="lot_generated_by",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["device", "starts_at", "length_minutes", "sequence"],
                name="lot_one_per_device_interval_and_sequence",
            ),
            models.CheckConstraint(condition=Q(amount_wh__gt=0), name="lot_counts_something"),
            models.CheckConstraint(condition=Q(mask__in=[1, 2, 3]), name="lot_mask_known"),
            models.CheckConstraint(
                condition=Q(mask=1, factor_ug_per_wh__isnull=True)
                | Q(mask__in=[2, 3], factor_ug_per_wh__isnull=False),
                name="lot_proves_emissions_only_with_a_factor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_wh} Wh of {self.starts_at:%Y-%m-%dT%H:%MZ}"

    @property
    def source(self) -> Device:
        """The plant whose technology and energy source these Wh are of."""
        return self.generated_by or self.device


class LotAsset(models.Model):
    """Which asset of the book stands for a lot with a mask of attributes."""

    asset = models.OneToOneField(
        "ledger.Asset", on_delete=models.PROTECT, primary_key=True, related_name="lot_asset"
    )
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, db_index=False, related_name="assets")
    mask = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot", "mask"], name="lot_asset_one_per_mask"),
            models.CheckConstraint(condition=Q(mask__in=[1, 2, 3]), name="lot_asset_mask_known"),
        ]

    def __str__(self) -> str:
        return f"lot {self.lot_id}, attributes {self.mask}"
