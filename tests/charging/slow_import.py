"""A process that imports a confirmed file slowly, to be killed in the middle by a test."""

import os
import sys
import time
from datetime import datetime

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def main() -> None:
    import django

    django.setup()
    from charging.services.sessions import drafts as session_drafts
    from charging.services.sessions import importing as sessions
    from charging.services.sessions import row_judging

    row_judging.SHOWN_EVERY = 1
    write = sessions.write_file

    def slowly(**facts: object) -> None:
        write(**facts)  # type: ignore[arg-type]
        print("written", flush=True)
        time.sleep(60)  # inside the transaction, which never commits

    sessions.write_file = slowly
    session_drafts.import_draft(draft_id=int(sys.argv[1]), now=datetime.fromisoformat(sys.argv[2]))


if __name__ == "__main__":
    main()
