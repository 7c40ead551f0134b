"""Certificates of other registries, brought in once."""

from django.db import models
from django.db.models import F, Q

from certificates.models.device import Device
from certificates.models.lot import Lot
from certificates.models.organisation import Organisation


class ExternalRegistry(models.Model):
    """Who issued certificates elsewhere. Its row is locked while ranges are taken in."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    registered_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "external registries"

    def __str__(self) -> str:
        return self.name


class CertificateImport(models.Model):
    """A file of another registry's certificates, once per content and plant.

    It waits until an auditor has seen the other registry's proof that they were cancelled or
    exported there; nothing is issued before. What is accepted comes in by the worker: `lines_done`
    of `lines` are read so far, then all are written at once. `failure` says why the last try
    brought nothing in; the auditor decides anew.
    """

    class Status(models.TextChoices):
        SUBMITTED = "submitted", "Waiting for an auditor"
        ACCEPTED = "accepted", "Being brought in"
        IMPORTED = "imported", "Imported"
        REFUSED = "refused", "Refused"

    key = models.CharField(max_length=200, unique=True)
    registry = models.ForeignKey(ExternalRegistry, on_delete=models.PROTECT, related_name="imports")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="imports")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="certificate_imports"
    )
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    stored_as = models.CharField(max_length=200)
    proof = models.CharField("proof of cancellation or export", max_length=300)
    status = models.CharField(max_length=10, choices=Status, default=Status.SUBMITTED)
    report = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)
    submitted_by = models.CharField(max_length=200)
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.CharField(max_length=200, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    lines = models.PositiveIntegerField(default=0)
    lines_done = models.PositiveIntegerField("lines read", default=0)
    failure = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="accepted")
                | (Q(accepted_at__isnull=False) & ~Q(accepted_by="")),
                name="certificate_import_accepted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ExternalRange(models.Model):
    """Serial numbers [first, last] of another registry, and the lot that stands for them.

    Serials are padded with zeros to 40 digits, so that they compare as text in any database.
    """

    registry = models.ForeignKey(ExternalRegistry, on_delete=models.PROTECT, related_name="ranges")
    brought_in = models.ForeignKey(
        CertificateImport, on_delete=models.PROTECT, related_name="ranges"
    )
    line = models.PositiveIntegerField()
    issuance_id = models.CharField(max_length=100)
    first_serial = models.CharField(max_length=40)
    last_serial = models.CharField(max_length=40)
    lot = models.OneToOneField(Lot, on_delete=models.PROTECT, related_name="external_range")
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registry", "issuance_id", "first_serial"], name="external_range_once"
            ),
            models.CheckConstraint(
                condition=Q(first_serial__regex=r"^[0-9]{40}$")
                & Q(last_serial__regex=r"^[0-9]{40}$"),
                name="external_serials_have_40_digits",
            ),
            models.CheckConstraint(
                condition=Q(last_serial__gte=F("first_serial")), name="external_range_is_a_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issuance_id} {self.first_serial.lstrip('0')}-{self.last_serial.lstrip('0')}"
