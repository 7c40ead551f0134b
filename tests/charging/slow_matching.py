"""A process that closes intervals slowly, to be killed in the middle by a test."""

import os
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def main() -> None:
    import django

    django.setup()
    from charging import tasks
    from charging.services.matching import runs as matching

    keep = matching._keep_verdict

    def slowly(*facts: object, **more: object) -> None:
        keep(*facts, **more)  # type: ignore[arg-type]
        print("retired", flush=True)
        time.sleep(60)  # inside the transaction, which never commits

    matching._keep_verdict = slowly  # type: ignore[assignment]
    tasks.match_closed_intervals()


if __name__ == "__main__":
    main()
