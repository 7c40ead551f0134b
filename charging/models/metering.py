"""Which keys charging meters sign with, and which signed records stand for which charge."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from charging.models.session import Session


class MeterKey(models.Model):
    """A public key of a charging meter. `owner` vouches for it; empty ends are open.

    A rotation is a further key that `replaces` this one. Only its end and its revocation are
    ever entered later.
    """

    class Revoked(models.TextChoices):
        REPLACED = "replaced", "Replaced"
        COMPROMISED = "compromised", "Somebody else may have it"

    owner = models.ForeignKey(
        "certificates.Organisation", on_delete=models.PROTECT, related_name="meter_keys"
    )
    meter = models.CharField(max_length=100)
    public_key = models.TextField()
    curve = models.CharField(max_length=20)
    fingerprint = models.CharField(max_length=64)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_for = models.CharField(max_length=12, choices=Revoked, blank=True)
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    registered_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(Upper("meter"), name="meter_key_meter")]
        constraints = [
            models.UniqueConstraint(Upper("meter"), "fingerprint", name="meter_key_once"),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_until__isnull=True)
                | Q(valid_until__gt=F("valid_from")),
                name="meter_key_window_is_a_period",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_for="")
                | (Q(revoked_at__isnull=False) & ~Q(revoked_for="")),
                name="meter_key_revoked_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meter} {self.fingerprint[:12]}"


class SignedRecord(models.Model):
    """A signed record of a meter stands for one charge, whatever becomes of its claim.

    `charge` is the charge's natural key; the digest is SHA-256 of what was signed, in hex.
    """

    digest = models.CharField(max_length=64, unique=True)
    charge = models.CharField(max_length=200)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="signed_records")
    format = models.CharField(max_length=12)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.format} {self.digest[:12]}"
