"""What a driver is shown. Its content is a function of ledger facts; here is only its link."""

import secrets

from django.db import models

from charging.models.session import Session


def new_public_id() -> str:
    """A random id of 160 bits, safe in an address."""
    return secrets.token_urlsafe(20)


class Receipt(models.Model):
    """A version of a charge's receipt under an unguessable link."""

    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, db_index=False, related_name="receipts"
    )
    version = models.PositiveSmallIntegerField(default=1)
    public_id = models.CharField(max_length=40, default=new_public_id)
    reason = models.CharField(max_length=200, blank=True)
    opened_at = models.DateTimeField()
    link_revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "version"], name="receipt_version_unique"),
            models.UniqueConstraint(fields=["public_id"], name="receipt_link_unique"),
        ]

    def __str__(self) -> str:
        return self.public_id


class Comparator(models.Model):
    """A reference figure a receipt compares with, shown with its source."""

    key = models.SlugField(unique=True)
    label = models.CharField(max_length=100)
    value = models.DecimalField(max_digits=12, decimal_places=4)
    unit = models.CharField(max_length=30)
    source = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.label}: {self.value} {self.unit}"
