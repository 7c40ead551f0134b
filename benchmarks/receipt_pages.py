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
    """Print milliseconds a page, of the clock and of the processor: median, 95th of 100."""
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
    walls, processor = [], []
    for public_id in picked:
        began, before = perf_counter(), process_time()
        answer = client.get(f"/r/{public_id}/")
        walls.append(1000 * (perf_counter() - began))
        processor.append(1000 * (process_time() - before))
        if answer.status_code != 200:
            raise SystemExit(f"{answer.status_code} for a receipt")
    print(f"{total:,} receipts, {size:,} of the company; goal {GOAL_MS} ms for 95 of 100")
    for name, figures in (("wall", sorted(walls)), ("processor", sorted(processor))):
        middle, most = figures[ASKED // 2], figures[ASKED * 95 // 100]
        print(f"  {name}: median {middle:.1f} ms, 95 of 100 within {most:.1f} ms", flush=True)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
