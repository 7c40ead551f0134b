"""Matching as it goes: when an interval closes, what data touched, and what would come of it."""

from django.db import models
from django.db.models import F, Q


class ClosingPolicy(models.Model):
    """How long after its end an interval stays open for late data, from an instant on.

    A row without an area is the whole registry's; an area's own goes before it.
    """

    area = models.ForeignKey(
        "certificates.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    grace_minutes = models.PositiveIntegerField("grace (minutes)")
    valid_from = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "closing policies"
        ordering = ["-valid_from", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["area", "valid_from"], name="closing_policy_one_from_an_instant"
            ),
            models.UniqueConstraint(
                fields=["valid_from"],
                condition=Q(area__isnull=True),
                name="closing_policy_one_for_all_from_an_instant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grace_minutes} min from {self.valid_from:%Y-%m-%dT%H:%MZ}"


class TouchedDay(models.Model):
    """A UTC day of a company whose data changed since it was last looked at.

    A hint that saves time, not a record: what a lost one stood for is found from the state of
    the data (charging/queries/matching/touched.py). `taken_by` is the run that is looking at it.
    """

    organisation = models.ForeignKey(
        "certificates.Organisation", on_delete=models.CASCADE, related_name="+"
    )
    day = models.DateField()
    taken_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "day"], name="touched_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.day}"


class ProvisionalHour(models.Model):
    """What a session hour would get if its interval closed now (Wh); nothing of it is booked.

    Computed from what is held and charged, and again whenever that changes; gone once the
    interval is closed. An hour that would get nothing has no row.
    """

    session_hour = models.OneToOneField(
        "charging.SessionHour",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="provisional",
    )
    renewable_wh = models.BigIntegerField("renewable (Wh)")
    tracked_wh = models.BigIntegerField("tracked (Wh)")
    planned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(tracked_wh__gt=0)
                & Q(renewable_wh__gte=0)
                & Q(renewable_wh__lte=F("tracked_wh")),
                name="provisional_hour_is_a_part",
            )
        ]

    def __str__(self) -> str:
        return f"{self.tracked_wh} Wh so far"
