"""Who did what, when and why; and which requests were already answered."""

from django.db import models


class AuditEvent(models.Model):
    """One act by a person, a key, a command or a task. Append-only, without foreign keys:
    it outlives what it speaks of.
    """

    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=200)
    actor_id = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=100, db_index=True)
    subject = models.CharField(max_length=200, db_index=True)
    detail = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.actor}: {self.action} {self.subject}"


class IdempotentRequest(models.Model):
    """The answer once given to a request that carried an Idempotency-Key."""

    scope = models.CharField(max_length=100)
    key = models.CharField(max_length=200)
    content_hash = models.BinaryField(max_length=32)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    body = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="idempotent_request_unique")
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
