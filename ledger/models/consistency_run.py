"""Comparisons of the whole book that somebody asked for."""

from django.db import models
from django.db.models import Q


class ConsistencyRun(models.Model):
    """One comparison, from the request to its result; never two open at once.

    `attempt` counts the processes that took it up: only the last one tells and ends. `step` is
    the check at work, `done` of `total` are how far it is in that check's own count. The result
    is `event`; `reason` says what broke it off.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting for a worker"
        RUNNING = "running", "Running"
        FINISHED = "finished", "Finished"
        BROKEN = "broken", "Broken off"

    asked_by = models.CharField(max_length=200)
    asked_by_id = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    attempt = models.PositiveIntegerField(default=0)
    heard_at = models.DateTimeField()
    step = models.CharField(max_length=100, blank=True)
    steps_done = models.PositiveSmallIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    event = models.OneToOneField(
        "ledger.AuditEvent", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(max_length=500, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                condition=Q(status__in=["waiting", "running"]),
                name="consistency_run_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status="finished", event__isnull=False)
                | (~Q(status="finished") & Q(event__isnull=True)),
                name="consistency_run_finished_with_a_result",
            ),
        ]

    def __str__(self) -> str:
        return f"check {self.pk}: {self.get_status_display()}"

    @property
    def is_open(self) -> bool:
        """Whether its result is still to come."""
        return self.status in (self.Status.WAITING, self.Status.RUNNING)

    @property
    def percent(self) -> int:
        """How far the check at work is."""
        return min(100, 100 * self.done // self.total) if self.total else 0
