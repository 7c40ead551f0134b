"""When the trail of a Wh begins, and its stand-ins for hashes."""

import hashlib
from datetime import UTC, datetime, timedelta

START = datetime(2018, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def digest(text: str) -> bytes:
    """32 bytes that differ from text to text."""
    return hashlib.sha256(text.encode()).digest()
