"""A file that a person uploaded and has not said yes to."""

from django.conf import settings
from django.db import models


class SessionDraft(models.Model):
    """An uploaded file, sealed, until it is confirmed or a day has passed."""

    organisation = models.ForeignKey(
        "certificates.Organisation", on_delete=models.CASCADE, related_name="session_drafts"
    )
    name = models.CharField(max_length=200)
    body = models.BinaryField()
    options = models.JSONField(default=dict)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    uploaded_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.name
