"""How a driver shows that a charging token is theirs: by starting charges when they said so."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from charging.models.location import Evse, Location
from charging.models.session import Session


class TokenChallenge(models.Model):
    """A driver announced to start a charge of a company in [opened_at, expires_at).

    At one charge point, at one site, or anywhere of the company. `seen_at` is when a charge
    that fits was first known; it is decided a while later, so that another one may turn up.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        PROVEN = "proven", "Proven"
        AMBIGUOUS = "ambiguous", "More than one charge fits"
        CONTESTED = "contested", "Another driver announced the same charge"
        MISSED = "missed", "No charge came"
        WITHDRAWN = "withdrawn", "Withdrawn"

    driver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="token_challenges"
    )
    operator = models.ForeignKey(
        "certificates.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    location = models.ForeignKey(
        Location, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    evse = models.ForeignKey(
        Evse, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    seen_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    session = models.ForeignKey(
        Session, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    token_hmac = models.BinaryField(max_length=32, null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["operator", "opened_at"], name="challenge_operator_opened")]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("opened_at")), name="challenge_is_a_period"
            ),
            models.CheckConstraint(
                condition=Q(evse__isnull=True) | Q(location__isnull=False),
                name="challenge_of_an_evse_names_its_site",
            ),
            models.CheckConstraint(
                condition=Q(status="waiting", decided_at__isnull=True)
                | (~Q(status="waiting") & Q(decided_at__isnull=False)),
                name="challenge_is_decided_at_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(token_hmac__isnull=True) | Q(status="proven"),
                name="challenge_proves_a_token_or_names_none",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opened_at:%Y-%m-%dT%H:%MZ}, {self.status}"


class ProvenToken(models.Model):
    """A charging token that a driver proved often enough; its charges may be kept by them.

    `contested_at`: another driver proved it too, and it helps nobody any more.
    """

    driver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="proven_tokens"
    )
    operator = models.ForeignKey(
        "certificates.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    token_hmac = models.BinaryField(max_length=32)
    proven_at = models.DateTimeField()
    contested_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["driver", "operator", "token_hmac"], name="proven_token_once_per_driver"
            ),
            models.UniqueConstraint(
                fields=["operator", "token_hmac"],
                condition=Q(contested_at__isnull=True),
                name="proven_token_helps_one_driver",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operator_id} since {self.proven_at:%Y-%m-%d}"
