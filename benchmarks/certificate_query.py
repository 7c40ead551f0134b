"""Certificate queries over the API with many lots: the slowest of every twenty answers.

    python -m benchmarks.certificate_query [LOTS]

LOTS is the smallest size (10,000 unless given; 4 and 16 times are added): 312500 ends at
5,000,000. Requests go through the whole application, without a network.
"""

import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from benchmarks.figures import SCALES
from benchmarks.many_lots import GSRN, HOURS, START, ManyLots
from benchmarks.registry import empty_registry

GOAL_MS = 150
GOALS_MS = {"ten thousand in a page": 300}  # where it is another
ROUNDS = 40  # of each question
Ask = Callable[[random.Random], str]


def questions(registry: ManyLots) -> Iterator[tuple[str, str, Ask]]:
    """What is asked, by whom (short name), and the address for a random draw."""
    from ledger.api.paging import NEXT, Cursor

    def device(draw: random.Random) -> str:
        return str(GSRN + draw.randrange(registry.plants))

    def month(draw: random.Random, days: int = 30) -> str:
        begin = START + timedelta(days=draw.randrange(365 - days))
        ends = begin + timedelta(days=days)
        return f"starts_from={begin:%Y-%m-%dT%H:%MZ}&starts_before={ends:%Y-%m-%dT%H:%MZ}"

    def page(draw: random.Random) -> str:
        place = Cursor(NEXT, [draw.randrange(1, registry.plants * HOURS)])
        return f"certificates/?cursor={place.encode()}"

    for who in ("large", "middle", "small", "tiny", "company"):
        yield f"first page, {who}", who, lambda draw: "certificates/"
        yield f"some page, {who}", who, page
        yield f"a month, {who}", who, lambda draw: f"certificates/?{month(draw)}"
        yield (
            f"a source's day, {who}",
            who,
            lambda draw: f"certificates/?energy_source_code=F01040100&country=GB&{month(draw, 1)}",
        )
        yield (
            f"a plant's month, {who}",
            who,
            lambda draw: f"certificates/?device={device(draw)}&{month(draw)}",
        )
    yield "lots, first page", "large", lambda draw: "lots/"
    yield "lots, a month", "large", lambda draw: f"lots/?{month(draw)}"
    yield (
        "lots, a plant's month",
        "large",
        lambda draw: f"lots/?device={device(draw)}&{month(draw)}",
    )
    yield "ten thousand in a page", "large", lambda draw: "certificates/?limit=10000"
    yield "the sum of an account", "large", lambda draw: "account/held/"


def measure(registry: ManyLots, scale: int, first: dict[str, float]) -> None:
    """Print the median and the 95th percentile of each question at this size.

    The growth is that of the median against the smallest size, which has a sixteenth of the
    lots of the largest: 1.00 is a time that their number does not change.
    """
    from django.test import Client

    client, draw = Client(), random.Random(scale)
    for name, who, ask in questions(registry):
        headers = {"Authorization": f"Bearer {registry.secrets[who]}"}
        times = []
        for _ in range(ROUNDS):
            address = f"/api/v1/{ask(draw)}"
            began = time.perf_counter()
            answer = client.get(address, headers=headers)
            times.append((time.perf_counter() - began) * 1_000)
            if answer.status_code != 200:
                raise SystemExit(f"{address}: {answer.content!r}")
        times.sort()
        late, middle = times[int(0.95 * ROUNDS)], times[ROUNDS // 2]
        growth = middle / first.setdefault(name, middle)
        goal = GOALS_MS.get(name, GOAL_MS)
        mark = "" if late < goal else f"  (goal {goal} ms)"
        print(
            f"{name:<28}{scale:>4}x{registry.plants * HOURS:>12,}"
            f"{middle:>10.1f}{late:>10.1f}  {growth:>6.2f}{mark}",
            flush=True,
        )


def main(smallest: int) -> None:
    """Print every question at each size."""
    with empty_registry():
        from django.conf import settings

        settings.ALLOWED_HOSTS = ["testserver"]
        registry, first = ManyLots(), dict[str, float]()
        head = f"{'question':<28}{'size':>5}{'lots':>12}{'median ms':>10}{'p95 ms':>10}"
        print(f"{head}  growth")
        for scale in SCALES:
            began = time.perf_counter()
            registry.grow(max(1, round(smallest * scale / HOURS)))
            print(f"-- rows made in {time.perf_counter() - began:.0f} s", flush=True)
            measure(registry, scale, first)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
