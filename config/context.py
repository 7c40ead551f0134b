"""What every template may know of the registry it is drawn by."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def registry(request: HttpRequest) -> dict[str, Any]:
    """The registry's mode and public address."""
    return {"is_demo": settings.IS_DEMO, "public_url": settings.PUBLIC_URL}
