"""What an organisation is told of acts that were not its own."""

from django.db import models

from certificates.models.organisation import Organisation


class Notice(models.Model):
    """One message to one organisation, once per key."""

    class Kind(models.TextChoices):
        WITHDRAWN = "withdrawn", "Certificates withdrawn"
        DEBT = "debt", "Energy owed"
        EXPIRES_SOON = "expires_soon", "Certificates expire soon"
        EXPIRED = "expired", "Certificates expired"
        READING_ENDED = "reading_ended", "Reading not accepted"
        OFFER = "offer", "Certificates offered"
        AGREEMENT = "agreement", "Standing agreement"
        CANCELLATION = "cancellation", "Certificates used"
        IMPORT = "import", "Certificates of another registry"
        STORAGE = "storage", "Storage"
        HANDOVER = "handover", "Plant changes hands"

    key = models.CharField(max_length=200, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=20, choices=Kind)
    message = models.TextField()
    amount_wh = models.BigIntegerField("amount (Wh)", default=0)
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.message[:80]
