"""A process that issues in small transactions, to be killed in the middle by a test."""

import os
import sys
from datetime import datetime

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def main() -> None:
    import django

    django.setup()
    from certificates.models import Device
    from certificates.services.issuing import issuance

    issuance.CHUNK = 5
    device = Device.objects.get(pk=int(sys.argv[1]))
    issuance.issue(device=device, now=datetime.fromisoformat(sys.argv[2]))


if __name__ == "__main__":
    main()
