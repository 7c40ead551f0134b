"""Sending a file of charges by page, as a person and the worker do."""

from django.core.files.uploadedfile import SimpleUploadedFile

from charging.models import SessionDraft
from charging.tasks import import_session_draft
from tests.charging.services.sessions.test_holds import GB, HEADER

LIST, IMPORT = "/company/sessions/", "/company/sessions/import/"


def send(desk, *rows, area=GB, name="night.csv", encoding="utf-8"):
    data = "\n".join([HEADER, *rows, ""]).encode(encoding)
    answer = desk.post(IMPORT, {"file": SimpleUploadedFile(name, data), "area": area})
    return answer["Location"]


def bring(desk, *rows, **more):
    """Send, say yes, and let the worker do its part; where the file is shown."""
    where = send(desk, *rows, **more)
    desk.post(where, {"act": "confirm"})
    import_session_draft(SessionDraft.objects.latest("pk").pk)
    return where
