"""Devices: plants whose output becomes certificates, storage, and plants certified elsewhere."""

from django.db import models
from django.db.models import Q

from certificates.models.area import Area
from certificates.models.organisation import Organisation


class Quality(models.TextChoices):
    """How a reading came about; only the first two issue certificates."""

    MEASURED = "measured", "Measured"
    CALCULATED = "calculated", "Calculated"
    ESTIMATED = "estimated", "Estimated"


class Device(models.Model):
    """A plant, or the part of it that uses one energy source, with a GSRN of 18 digits.

    A storage device has no technology and no source of its own: what it gives back keeps those
    of the plant that generated it. `whole_certificates` lets only whole MWh be issued and moved;
    what is short of the next MWh waits on the device.
    """

    class Kind(models.TextChoices):
        PRODUCTION = "production", "Generates"
        STORAGE = "storage", "Stores"
        EXTERNAL = "external", "Certified elsewhere"

    class GsrnOrigin(models.TextChoices):
        GS1 = "gs1", "Assigned under GS1"
        REGISTRY = "registry", "Issued by this registry"
        SYNTHETIC = "synthetic", "Synthetic, for the demo"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        SUBMITTED = "submitted", "Submitted"
        APPROVED = "approved", "Approved"
        SUSPENDED = "suspended", "Suspended"
        DECOMMISSIONED = "decommissioned", "Decommissioned"

    class NegativePolicy(models.TextChoices):
        CLIP = "clip", "A negative interval issues nothing"
        NET = "net", "Carried against the next positive readings"

    gsrn = models.CharField("GSRN", max_length=18, unique=True)
    gsrn_origin = models.CharField("GSRN origin", max_length=20, choices=GsrnOrigin)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PRODUCTION)
    name = models.CharField(max_length=200)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="devices")
    technology_code = models.CharField(max_length=7)
    energy_source_code = models.CharField(max_length=9)
    capacity_w = models.PositiveBigIntegerField("capacity (W)")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="devices")
    commissioned_on = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    support = models.CharField(max_length=40, default="none")
    negative_policy = models.CharField(
        max_length=10, choices=NegativePolicy, default=NegativePolicy.CLIP
    )
    quality = models.CharField(max_length=12, choices=Quality, default=Quality.MEASURED)
    whole_certificates = models.BooleanField(default=False)
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT)
    registered_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(gsrn__regex=r"^[0-9]{18}$"), name="device_gsrn_has_18_digits"
            ),
            models.CheckConstraint(condition=Q(capacity_w__gt=0), name="device_has_capacity"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.gsrn})"
