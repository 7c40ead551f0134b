"""That the claim of a retirement is void. Append-only, like the entry that says so."""

from django.db import models
from django.db.models import Q

from ledger.models.entry import Entry


class VoidClaim(models.Model):
    """Which retirement's claim an entry voids. The entry moves nothing: those Wh stay retired.

    `reason` is a number that the chain keeps, never zero: 1 credited, 2 corrected.
    """

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="void_claim")
    retirement = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="voided_by")
    reason = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(reason__gt=0), name="void_claim_has_a_reason"),
            models.CheckConstraint(
                condition=~Q(entry=models.F("retirement")), name="void_claim_is_of_another_entry"
            ),
        ]

    def __str__(self) -> str:
        return f"claim of {self.retirement_id} void"
