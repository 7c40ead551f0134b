"""How soon and at what cost intervals are matched again that new readings touch.

A company's sample year is booked as in `sessions_to_book`, with 1, 4 and 16 times as many
sessions. Then a second plant, of which it has a part, reports days one by one: each day's 24
intervals lack energy still, get more, and are looked at again. Runs on PostgreSQL where
DATABASE_URL names one.
"""

import io
import os
import sys
from statistics import median

from benchmarks.figures import SCALES, Measure, Row, measured, show
from benchmarks.meter_and_issue import FACTS, years
from benchmarks.registry import empty_registry
from benchmarks.sessions_to_book import NOW, database_s, sample_charges
from benchmarks.sessions_to_book import measure as book

SESSIONS = 1_500
DAYS, HOURS = 10, 24
SHARE_PPM = 100_000


def main(sizes: list[int]) -> None:
    """Print touched intervals a second, and how long a day's take on the clock."""
    charges = sample_charges()
    os.environ["REDIS_URL"] = "memory://"  # nobody works on the queue meanwhile
    with empty_registry():
        rows = []
        for scale, size in zip(SCALES, sizes, strict=False):
            book(charges, size, scale)
            rows += measure(scale, size)
        show(sorted(rows, key=lambda row: row.step))


def measure(scale: int, size: int) -> list[Row]:
    """The company booked for this scale gets certificates of days, one after the other."""
    from certificates.domain.device_facts import read_facts
    from certificates.models import Organisation
    from certificates.services.holding.agreements import agree
    from certificates.services.plants.devices import register_device
    from charging.services.matching.rematching import rematch

    rematch(now=NOW)  # what booking the year has touched
    owner, company = f"owner-{scale}", Organisation.objects.get(slug=f"company-{scale}")
    facts = read_facts(FACTS | {"name": f"second-{scale}", "organisation": owner})
    device = register_device(facts=facts, now=NOW, approve=True)
    agree(device=device, to=company, share_ppm=SHARE_PPM, now=NOW)
    head, *lines = _other_weather()
    read, again, walls, booked, database = Measure(), Measure(), [], 0, database_s()
    for day in _busiest_days(company.pk):
        hours = [line for line in lines if line.startswith(day)]
        data = "\n".join([head, *hours, ""]).encode()
        with measured() as reading:
            _report(device, data)
        with measured() as matching:
            booked += rematch(now=NOW).allocations
        _add(read, reading)
        _add(again, matching)
        walls.append(matching.wall_s)
    if not booked:
        raise SystemExit("nothing was matched again")
    print(
        f"{size:,} sessions: {booked:,} late allocations; a day's intervals matched again in "
        f"{1000 * median(walls):.0f} ms (median), {1000 * max(walls):.0f} ms at most; the "
        f"database's processor time, readings included: {database_s() - database:.1f} s",
        flush=True,
    )
    return [
        Row("a: a day read and issued, an hour", scale, DAYS * HOURS, read),
        Row("b: an interval matched again", scale, DAYS * HOURS, again),
    ]


def _busiest_days(company: int) -> list[str]:
    """The days on which the company's cars charged in most places at a time."""
    from django.db.models import Count
    from django.db.models.functions import TruncDate

    from charging.models import SessionHour

    hours = SessionHour.objects.filter(session__claimant=company).order_by()
    days = hours.values_list(TruncDate("starts_at")).annotate(many=Count("pk"))
    return [f"{day:%Y-%m-%d}" for day, _ in days.order_by("-many")[:DAYS]]


def _other_weather() -> list[str]:
    """The sample year's file with what was generated half a year later in each hour."""
    head, *lines = years(1).decode().splitlines()
    rows = [line.split(",", 1) for line in lines]
    moved = rows[len(rows) // 2 :] + rows[: len(rows) // 2]
    return [head, *(f"{start},{rest}" for (start, _), (_, rest) in zip(rows, moved, strict=True))]


def _report(device: object, data: bytes) -> None:
    from certificates.models import Device
    from certificates.services.issuing.issuance import issue
    from certificates.services.meters.readings import import_readings

    if isinstance(device, Device):
        import_readings(device=device, stream=io.BytesIO(data), name="day", selection={}, now=NOW)
        issue(device=device, now=NOW)


def _add(total: Measure, more: Measure) -> None:
    total.cpu_s += more.cpu_s
    total.wall_s += more.wall_s


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [SESSIONS * scale for scale in SCALES])
