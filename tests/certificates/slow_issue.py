"""A process that issues in small transactions; asked to halt, it is to be killed in its second."""

import os
import sys
import time
from collections.abc import Callable
from datetime import datetime
from itertools import count

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
CHUNK = 5


def halting(write: Callable[..., None]) -> Callable[..., None]:
    """Says so when the second transaction has written, and does not end it."""
    calls = count(1)

    def slowly(**facts: object) -> None:
        write(**facts)
        if next(calls) == 2:
            print("written", flush=True)
            time.sleep(60)

    return slowly


def main() -> None:
    import django

    django.setup()
    from certificates.models import Device
    from certificates.services.issuing import issuance

    issuance.CHUNK = CHUNK
    if "halt" in sys.argv:
        issuance.write_lots = halting(issuance.write_lots)
    device = Device.objects.get(pk=int(sys.argv[1]))
    issuance.issue(device=device, now=datetime.fromisoformat(sys.argv[2]))


if __name__ == "__main__":
    main()
