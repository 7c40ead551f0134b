"""How long a receipt takes to be drawn when there are many of them.

Sessions of the sample year are booked as in `sessions_to_book`, for one company; then the
database copies their rows under new ids until there are as many as asked for (1,000,000 when
run by itself), all of that company and year. Receipts picked at random (seeded) are asked for
through the whole of Django, page and all. Runs on PostgreSQL where DATABASE_URL names one.
"""

import random
import sys
from time import perf_counter, process_time

from benchmarks.registry import empty_registry
from benchmarks.sessions_to_book import measure, sample_charges

BOOKED = 25_000  # sessions that go the whole way; the others are copies of their rows
SIZES = (100_000, 1_000_000)
ASKED = 300
# Every row that a session leaves, parents first: what changes in a copy number `n`, by column.
# {table} stands for how far the ids of that table are moved.
COPIED: dict[str, dict[str, str]] = {
    "charging_session": {"uid": "uid || '~' || {n}"},
    "charging_sessionhour": {"session_id": "session_id + {charging_session}"},
    "charging_receipt": {
        "session_id": "session_id + {charging_session}",
        "public_id": "public_id || '~' || {n}",
    },
    "ledger_entry": {"key": "key || '~' || {n}"},
    "ledger_posting": {"entry_id": "entry_id + {ledger_entry}"},
    "certificates_retirement": {"entry_id": "entry_id + {ledger_entry}"},
    "charging_allocation": {
        "session_hour_id": "session_hour_id + {charging_sessionhour}",
        "retirement_id": "retirement_id + {certificates_retirement}",
    },
}
GOAL_MS = 100  # 95 of 100 pages


def main(sizes: list[int]) -> None:
    """Print milliseconds a page, of the clock and of the processor: median, 95th of 100."""
    with empty_registry():
        booked = min(BOOKED, *sizes)
        measure(sample_charges(), booked, 0)
        until, copies = last_ids(), 1
        for size in sizes:
            for number in range(copies, size // booked):
                copy_all(number, until)
            copies = max(copies, size // booked)
            draw()


def copy_all(number: int, until: dict[str, int]) -> None:
    """Copy every row of the sessions that were booked, the `number`-th time."""
    from django.apps import apps
    from django.db import connection, transaction

    models = {str(model._meta.db_table): model for model in apps.get_models()}
    moved = {table: number * last for table, last in until.items()}
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # The rows are right as they are; the rules were checked when they were booked.
            cursor.execute("SET LOCAL session_replication_role = replica")
        for table, changes in COPIED.items():
            columns = [field.column for field in models[table]._meta.concrete_fields]
            changed = {"id": f"id + {moved[table]}"} | {
                column: how.format(n=number, **moved) for column, how in changes.items()
            }
            names = ", ".join(f'"{column}"' for column in columns)
            values = ", ".join(changed.get(column, f'"{column}"') for column in columns)
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} "
                f"WHERE id <= {until[table]}"
            )


def last_ids() -> dict[str, int]:
    """The last id of each table whose rows are copied."""
    from django.db import connection

    with connection.cursor() as cursor:
        found = {}
        for table in COPIED:
            cursor.execute(f"SELECT MAX(id) FROM {table}")
            found[table] = cursor.fetchone()[0]
    return found


def draw() -> None:
    """Ask for receipts, of those that were booked and of copies."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from charging.models import Receipt

    settings.ALLOWED_HOSTS = ["testserver"]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    ids = list(Receipt.objects.order_by("pk").values_list("public_id", flat=True))
    client = Client()
    picked = random.Random(1).sample(ids, ASKED + 1)
    client.get(f"/r/{picked.pop()}/")  # templates are read once
    walls, processor = [], []
    for public_id in picked:
        began, before = perf_counter(), process_time()
        answer = client.get(f"/r/{public_id}/")
        walls.append(1000 * (perf_counter() - began))
        processor.append(1000 * (process_time() - before))
        if answer.status_code != 200:
            raise SystemExit(f"{answer.status_code} for a receipt")
    print(f"{len(ids):,} receipts of one company; goal {GOAL_MS} ms for 95 of 100")
    for name, figures in (("wall", sorted(walls)), ("processor", sorted(processor))):
        middle, most = figures[ASKED // 2], figures[ASKED * 95 // 100]
        print(f"  {name}: median {middle:.1f} ms, 95 of 100 within {most:.1f} ms", flush=True)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
