"""Companies that show their score to everyone."""

from django.db import models
from django.db.models import F, Q


class PublishedScore(models.Model):
    """A company's word that its hourly score may be seen by anyone, until it takes it back."""

    organisation = models.ForeignKey(
        "certificates.Organisation", on_delete=models.PROTECT, related_name="published_scores"
    )
    published_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(withdrawn_at__isnull=True),
                name="published_score_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("published_at")),
                name="published_score_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} from {self.published_at:%Y-%m-%d}"
