"""A company's public score: reckoned from its charges, and drawn again while it is kept.

The sample year is booked as in `sessions_to_book` for companies of 1, 4 and 16 times as many
sessions and settled on the embedded chain, since a score counts what is certified. Runs on
PostgreSQL where DATABASE_URL names one.
"""

import sys

from benchmarks.figures import SCALES, Row, measured, show
from benchmarks.registry import empty_registry
from benchmarks.sessions_to_book import NOW, measure, sample_charges

SESSIONS = 500
ASKED = {"a: reckoned and drawn": 10, "b: drawn while kept": 100}
GOAL = 10  # pages a second: 100 ms each


def main(sizes: list[int]) -> None:
    """Print pages a second of processor time."""
    charges = sample_charges()
    with empty_registry():
        for scale, size in zip(SCALES, sizes, strict=False):
            measure(charges, size, scale)
        _settle()
        rows = [row for scale, _ in zip(SCALES, sizes, strict=False) for row in ask(scale)]
        show(sorted(rows, key=lambda row: row.step))


def ask(scale: int) -> list[Row]:
    """Ask for the page of the company booked for this scale."""
    from django.conf import settings
    from django.core.cache import cache
    from django.test import Client

    from certificates.models import Organisation
    from charging.queries.company.published_scores import public_score
    from charging.services.published_scores import publish

    settings.ALLOWED_HOSTS = ["testserver"]
    company, client = Organisation.objects.get(slug=f"company-{scale}"), Client()
    published = publish(organisation=company, actor="benchmark", now=NOW)
    total = public_score(published, NOW).total
    if total is None or not total.renewable_wh:
        raise SystemExit("nothing of the score is certified")
    address, rows = f"/score/{company.slug}/", []
    client.get(address)  # templates are read once
    for step, asked in ASKED.items():
        with measured() as reading:
            for _ in range(asked):
                if step.startswith("a"):
                    cache.clear()
                if client.get(address).status_code != 200:
                    raise SystemExit("the score is not shown")
        rows.append(Row(step, scale, asked, reading, GOAL))
    return rows


def _settle() -> None:
    from django.utils import timezone

    from ledger.services.settlement import settle

    settle(clock=timezone.now)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [SESSIONS * scale for scale in SCALES])
