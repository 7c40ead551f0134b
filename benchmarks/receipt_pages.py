"""How long a receipt takes to be drawn when there are many of them.

Sessions of the sample year are booked as in `sessions_to_book`, each size for a company of its
own in one database; then receipts picked at random (seeded) are asked for through the whole of
Django, page and all. Runs on PostgreSQL where DATABASE_URL names one.
"""

import random
import sys
from time import perf_counter, process_time

from benchmarks.registry import empty_registry
from benchmarks.sessions_to_book import measure, sample_charges

SIZES = (25_000, 100_000)
ASKED = 300
GOAL_MS = 100  # 95 of 100 pages


def main(sizes: list[int]) -> None:
    """Print milliseconds a page: median, 95th of 100, slowest, and processor time."""
    charges = sample_charges()
    with empty_registry():
        for number, size in enumerate(sizes):
            measure(charges, size, number)
            draw(size)


def draw(size: int) -> None:
    """Ask for receipts of the company that came last."""
    from django.conf import settings
    from django.test import Client

    from charging.models import Receipt

    settings.ALLOWED_HOSTS = ["testserver"]
    total = Receipt.objects.count()
    ids = list(
        Receipt.objects.filter(pk__gt=total - size)
        .order_by("pk")
        .values_list("public_id", flat=True)
    )
    client = Client()
    picked = random.Random(1).sample(ids, ASKED + 1)
    client.get(f"/r/{picked.pop()}/")  # templates are read once
    walls, before = [], process_time()
    for public_id in picked:
        began = perf_counter()
        answer = client.get(f"/r/{public_id}/")
        walls.append(1000 * (perf_counter() - began))
        if answer.status_code != 200:
            raise SystemExit(f"{answer.status_code} for a receipt")
    cpu_ms = 1000 * (process_time() - before) / ASKED
    walls.sort()
    print(
        f"{total:,} receipts, {size:,} of the company: median {walls[ASKED // 2]:.1f} ms, "
        f"95 of 100 within {walls[ASKED * 95 // 100]:.1f} ms (goal {GOAL_MS}), "
        f"slowest {walls[-1]:.1f} ms; processor {cpu_ms:.1f} ms a page",
        flush=True,
    )


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
