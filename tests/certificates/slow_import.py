"""A process that brings an accepted import in slowly, to be killed in the middle by a test."""

import os
import sys
import time
from datetime import datetime

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def main() -> None:
    import django

    django.setup()
    from certificates.domain.external import gc_csv
    from certificates.services.imports import bringing_in

    gc_csv.SHOWN_EVERY = 1
    write = bringing_in.write_lots

    def slowly(**facts: object) -> int:
        lots = write(**facts)  # type: ignore[arg-type]
        print("written", flush=True)
        time.sleep(60)  # inside the transaction, which never commits
        return lots

    bringing_in.write_lots = slowly
    bringing_in.bring_in(import_id=int(sys.argv[1]), now=datetime.fromisoformat(sys.argv[2]))


if __name__ == "__main__":
    main()
