"""A file that a person uploaded and has not said yes to."""

from django.conf import settings
from django.db import models


class SessionDraft(models.Model):
    """An uploaded file, sealed, until it is confirmed or a day has passed.

    Once confirmed the worker imports it; `rows_done` of `rows` is its progress. One that came
    over the API is confirmed with that, and `sent_by` a key in place of a person.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting for confirmation"
        IMPORTING = "importing", "Being imported"
        IMPORTED = "imported", "Imported"
        FAILED = "failed", "Failed"

    organisation = models.ForeignKey(
        "certificates.Organisation", on_delete=models.CASCADE, related_name="session_drafts"
    )
    name = models.CharField(max_length=200)
    body = models.BinaryField()
    options = models.JSONField(default=dict)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    sent_by = models.CharField(max_length=100, blank=True, default="", db_default="")
    uploaded_at = models.DateTimeField(db_index=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    rows = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    file = models.ForeignKey(
        "charging.SessionFile", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    failure = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name
