"""Certificates that one organisation offers another."""

from django.db import models
from django.db.models import F, Q

from certificates.domain import offer_states as states
from certificates.models.organisation import Organisation
from certificates.models.sub_account import SubAccount


class Offer(models.Model):
    """What `source` offers `destination`; until its end it lies in the offer's own account.

    `amount_wh` and `lots` say what was offered, the account what is left of it: a correction
    or the end of their term may take certificates meanwhile. `moved_wh` is what changed hands.
    `request_hash` binds the key to what was asked for.
    """

    class Status(models.TextChoices):
        OPEN = states.OPEN, "Open"
        ACCEPTED = states.ACCEPTED, "Accepted"
        REJECTED = states.REJECTED, "Rejected"
        WITHDRAWN = states.WITHDRAWN, "Withdrawn"
        LAPSED = states.LAPSED, "Lapsed"

    source = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="offers_made")
    destination = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="offers_received"
    )
    sub_account = models.OneToOneField(SubAccount, on_delete=models.PROTECT, related_name="offer")
    key = models.CharField(max_length=120)
    request_hash = models.BinaryField(max_length=32)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    lots = models.PositiveIntegerField()
    amount_wh = models.BigIntegerField("offered (Wh)")
    moved_wh = models.BigIntegerField("moved (Wh)", default=0)
    message = models.CharField(max_length=500, blank=True)
    offered_at = models.DateTimeField()
    lapses_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["lapses_at"], condition=Q(status="open"), name="offer_open"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "key"], name="offer_once_per_key"),
            models.CheckConstraint(
                condition=~Q(source=F("destination")), name="offer_is_to_another"
            ),
            models.CheckConstraint(
                condition=Q(amount_wh__gt=0, lots__gt=0), name="offer_counts_something"
            ),
            models.CheckConstraint(
                condition=Q(moved_wh__gte=0, moved_wh__lte=F("amount_wh"))
                & (Q(status="accepted", moved_wh__gt=0) | (~Q(status="accepted") & Q(moved_wh=0))),
                name="offer_moves_what_was_offered",
            ),
            models.CheckConstraint(
                condition=Q(status="open", ended_at__isnull=True)
                | (~Q(status="open") & Q(ended_at__isnull=False)),
                name="offer_ended_at_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(lapses_at__isnull=True) | Q(lapses_at__gt=F("offered_at")),
                name="offer_lapses_after_it_was_made",
            ),
        ]

    def __str__(self) -> str:
        return f"offer {self.pk}: {self.amount_wh} Wh to {self.destination_id}"
