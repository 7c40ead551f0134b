"""What meters said, and the files that said it."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from certificates.models.device import Device, Quality


class MeterFile(models.Model):
    """An uploaded file for one device, once per content and selection."""

    class Status(models.TextChoices):
        PREVIEWED = "previewed", "Waiting for confirmation"
        IMPORTING = "importing", "Being imported"
        IMPORTED = "imported", "Imported"
        FAILED = "failed", "Failed"

    key = models.CharField(max_length=200, unique=True)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="meter_files")
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    stored_as = models.CharField(max_length=200, blank=True)
    selection = models.JSONField(default=dict)
    status = models.CharField(max_length=20, choices=Status)
    report = models.JSONField(default=dict)
    rows_done = models.PositiveIntegerField(default=0)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    uploaded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ReadingQuerySet(models.QuerySet["Reading"]):
    """Readings of all versions."""

    def latest_versions(self) -> "ReadingQuerySet":
        """Those that no other replaces, as `replaced_by__isnull=True`, for many at once.

        The database is told how few replace another, so that it looks for no partner of each.
        """
        replacing = Reading.objects.filter(replaces=OuterRef("pk"), replaces__isnull=False)
        return self.filter(~Exists(replacing))


class Reading(models.Model):
    """One interval of one device. A correction is a new version; both stay.

    In force is the accepted reading that no other replaces. `replaces` is set when a version
    takes another's place: one that is held, or ended there, never did.

    `energy_wh` is rounded down to whole Wh, `remainder_uwh` is what rounding left
    (millionths of a Wh), `raw_value` the text as it stood in the file.
    """

    class Status(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        HELD = "held", "Held for review"
        ENDED = "ended", "Not accepted"

    device = models.ForeignKey(
        Device, on_delete=models.PROTECT, db_index=False, related_name="readings"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    version = models.PositiveSmallIntegerField(default=1)
    energy_wh = models.BigIntegerField("energy (Wh)")
    remainder_uwh = models.PositiveIntegerField("remainder (millionths of a Wh)", default=0)
    raw_value = models.CharField(max_length=40)
    quality = models.CharField(max_length=12, choices=Quality)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACCEPTED)
    hold_reason = models.CharField(max_length=200, blank=True)
    file = models.ForeignKey(MeterFile, on_delete=models.PROTECT, related_name="readings")
    line = models.PositiveIntegerField()
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )

    objects = ReadingQuerySet.as_manager()

    class Meta:
        indexes = [
            # The few that wait for review, among millions that do not.
            models.Index(fields=["id"], condition=Q(status="held"), name="reading_held"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["device", "starts_at", "version"], name="reading_version_unique"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="reading_interval_is_a_period"
            ),
            models.CheckConstraint(
                condition=Q(remainder_uwh__lt=1_000_000), name="reading_remainder_below_one_wh"
            ),
            models.CheckConstraint(
                condition=Q(version=1, replaces__isnull=True)
                | Q(version__gt=1, replaces__isnull=False)
                | (Q(version__gt=1) & ~Q(status="accepted")),
                name="reading_later_version_names_the_earlier",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.energy_wh} Wh from {self.starts_at:%Y-%m-%dT%H:%MZ}"
