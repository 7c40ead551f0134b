"""Papers that an owner hands in with a plant."""

from django.conf import settings
from django.db import models

from certificates.models.device import Device


class PlantDocument(models.Model):
    """A file that says something about a plant, once per content; withdrawn, never deleted."""

    class Kind(models.TextChoices):
        GRID_CONNECTION = "grid_connection", "Grid connection agreement"
        COMMISSIONING = "commissioning", "Commissioning record"
        METER = "meter", "Meter certificate"
        SUPPORT = "support", "Decision on support"
        DEED = "deed", "Deed of sale or transfer"
        OTHER = "other", "Other"

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    media_type = models.CharField(max_length=100)
    stored_as = models.CharField(max_length=200)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    uploaded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device", "sha256"], name="plant_document_once_per_content"
            )
        ]

    def __str__(self) -> str:
        return self.name
