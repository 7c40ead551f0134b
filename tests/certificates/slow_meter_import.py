"""A process that imports meter files slowly, to be killed in the middle by a test."""

import os
import sys
import time
from collections.abc import Sequence

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def main() -> None:
    import django

    django.setup()
    from certificates import tasks
    from certificates.services.meters import readings

    readings.CHUNK = 5
    insert = readings.insert_columns

    def slowly(*facts: object) -> None:
        insert(*facts)  # type: ignore[arg-type]
        print("written", flush=True)
        time.sleep(60)  # inside the transaction, which never commits

    readings.insert_columns = slowly
    ids: Sequence[int] = [int(word) for word in sys.argv[1:]]
    tasks.import_meter_files(list(ids))


if __name__ == "__main__":
    main()
