"""A plant passes to another owner."""

from django.db import models
from django.db.models import F, Q

from certificates.domain import handover_states as states
from certificates.models.device import Device
from certificates.models.organisation import Organisation

ACCEPTED_ONCE = [states.ACCEPTED, states.APPROVED, states.DONE, states.REFUSED]


class Handover(models.Model):
    """From the start of a day in its area's zone on, what a plant generates is the buyer's.

    `effective_at` is that instant; an interval belongs to whom it was at its start.
    `accepted_debt_wh` is what the plant owed when the buyer accepted, which follows it.
    """

    class Status(models.TextChoices):
        PROPOSED = states.PROPOSED, "Waits for the new owner"
        ACCEPTED = states.ACCEPTED, "Waits for the registry"
        APPROVED = states.APPROVED, "Approved, waits for its day"
        DONE = states.DONE, "In force"
        REJECTED = states.REJECTED, "Rejected by the new owner"
        WITHDRAWN = states.WITHDRAWN, "Withdrawn by the owner"
        REFUSED = states.REFUSED, "Refused by the registry"

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="handovers")
    seller = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="handovers_given"
    )
    buyer = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="handovers_taken"
    )
    effective_on = models.DateField()
    effective_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status, default=Status.PROPOSED)
    message = models.CharField(max_length=500, blank=True)
    reason = models.CharField("reason (of the registry)", max_length=500, blank=True)
    accepted_debt_wh = models.BigIntegerField("debt accepted (Wh)", null=True, blank=True)
    proposed_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(seller=F("buyer")), name="handover_changes_owner"),
            models.UniqueConstraint(
                fields=["device"],
                condition=Q(status__in=states.OPEN),
                name="handover_one_open_per_device",
            ),
            models.UniqueConstraint(
                fields=["device", "effective_at"],
                condition=Q(status__in=states.BINDING),
                name="handover_one_per_instant",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=ACCEPTED_ONCE)
                | Q(accepted_at__isnull=False, accepted_debt_wh__isnull=False),
                name="handover_accepted_with_its_debt",
            ),
            models.CheckConstraint(
                condition=Q(status="done", done_at__isnull=False, decided_at__isnull=False)
                | (~Q(status="done") & Q(done_at__isnull=True)),
                name="handover_done_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"handover {self.pk} of {self.device_id} to {self.buyer_id}"
