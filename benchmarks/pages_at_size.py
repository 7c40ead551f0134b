"""The pages of holders, producers, auditors and of anyone with many lots, in milliseconds.

    python -m benchmarks.pages_at_size [LOTS] [SECONDS]

LOTS are 300,000 unless given. Each page is asked for three times as the large, the middle, the
small and the tiny producer (`benchmarks.many_lots`), and the middle time is shown: on the clock,
and of this process; the rest is the database's. Exports are read to their end, with the memory
that they took. What would take longer than SECONDS (60) in the database is stopped and said so.
"""

import resource
import sys
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.many_lots import HOURS, OWNERS, ManyLots
from benchmarks.registry import empty_registry

GOAL_MS = 500
ROUNDS = 3
OF_PRODUCERS = (
    "/generator/",
    "/generator/production/",
    "/generator/{gsrn}/certificates/",
    "/generator/{gsrn}/certificates/?month=2018-03",
    "/generator/{gsrn}/plant/",
    "/generator/{gsrn}/missing/",
    "/generator/{gsrn}/statements/",
    "/holdings/",
    "/holdings/offer/",
)
OF_TOUCHED = ("/generator/", "/generator/production/", "/holdings/", "/holdings/offer/")
TOUCHED = 200  # stretches
OF_ANYONE = ("/", "/totals/", "/plants/{gsrn}/", "/certificates/{gsrn}/3/")
OF_AUDITORS = (
    "/admin/",
    "/admin/certificates/lot/",
    "/admin/certificates/lot/?q={gsrn}",
    "/admin/certificates/lot/{lot}/change/",
    "/admin/certificates/reading/?q={gsrn}",
    "/admin/certificates/device/{device}/change/",
    "/admin/ledger/balance/",
    "/admin/ledger/entry/{lot}/change/",
    "/admin/ledger/outboxitem/",
    "/admin/ledger/account/{source}/change/",
)
EXPORTS = ("holdings.csv", "holdings.json", "holdings.xlsx", "lots.csv", "readings.csv")


def pages() -> Iterator[tuple[str, Any, str]]:
    """Who (short name), their browser, and the address."""
    from certificates.models import Device
    from ledger.models import Account

    for name in map(str.lower, OWNERS):
        device = Device.objects.filter(organisation__slug=name).order_by("pk").first()
        if device is None:
            continue
        facts = {"gsrn": device.gsrn, "device": device.pk, "lot": device.lots.first().pk}
        facts["source"] = Account.objects.get(system="issued").pk
        browser = producer(name)
        yield from ((name, browser, address.format(**facts)) for address in OF_PRODUCERS)
    yield from (("anyone", nobody(), address.format(**facts)) for address in OF_ANYONE)
    yield from (("auditor", auditor(), address.format(**facts)) for address in OF_AUDITORS)


def nobody() -> Any:
    """A browser that nobody is logged in with."""
    from django.test import Client

    return Client()


def producer(slug: str) -> Any:
    """A browser in which somebody acts for a producer."""
    from certificates.models import Membership, Organisation, User

    user, _ = User.objects.get_or_create(email=f"{slug}@example.org")
    owner = Organisation.objects.get(slug=slug)
    Membership.objects.get_or_create(user=user, organisation=owner, role="producer")
    browser = nobody()
    browser.force_login(user)
    return browser


def auditor() -> Any:
    """A browser of somebody who may see everything."""
    from certificates.models import User

    user, _ = User.objects.get_or_create(
        email="auditor@example.org", defaults={"is_superuser": True, "is_staff": True}
    )
    browser = nobody()
    browser.force_login(user)
    return browser


def ask(browser: Any, address: str) -> tuple[float, float]:
    """Milliseconds on the clock and of this process until the answer is there as a whole."""
    began, cpu = time.perf_counter(), time.process_time()
    answer = browser.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code}")
    if answer.streaming:
        for _ in answer.streaming_content:
            pass
    answer.close()
    return (time.perf_counter() - began) * 1_000, (time.process_time() - cpu) * 1_000


def measure(seconds: int) -> None:
    """Print a line for each page and each export."""
    from django.db import OperationalError, connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = '{seconds}s'")
    print(f"{'who':<9}{'page':<62}{'ms':>9}{'cpu ms':>9}")
    for who, browser, address in pages():
        try:
            ms, cpu = sorted(ask(browser, address) for _ in range(ROUNDS))[ROUNDS // 2]
        except OperationalError:
            print(f"{who:<9}{address:<62}  stopped after {seconds} s", flush=True)
            continue
        mark = "" if ms < GOAL_MS else f"  (goal {GOAL_MS} ms)"
        print(f"{who:<9}{address:<62}{ms:>9.0f}{cpu:>9.0f}{mark}", flush=True)
    ask_touched()
    for name in map(str.lower, reversed(OWNERS[1:])):
        for file in EXPORTS:
            ms, cpu = ask(producer(name), f"/holdings/export/{file}")
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(f"{name:<9}{file:<62}{ms:>9.0f}{cpu:>9.0f}  peak {peak} MB", flush=True)


def ask_touched() -> None:
    """The pages whose totals read rows until the worker has kept them, and keep them again."""
    from benchmarks.many_lots import keep_totals
    from certificates.models import Organisation, StretchHolding
    from certificates.services import stretches

    large = Organisation.objects.get(slug=OWNERS[0].lower())
    kept = StretchHolding.objects.filter(account=large.account_id).order_by("stretch")
    names = list(kept.values_list("stretch", flat=True).distinct()[:TOUCHED])
    stretches.touch(names)
    print(f"with {len(names)} touched stretches")
    for address in OF_TOUCHED:
        ms, cpu = sorted(ask(producer(large.slug), address) for _ in range(ROUNDS))[ROUNDS // 2]
        mark = "" if ms < GOAL_MS else f"  (goal {GOAL_MS} ms)"
        print(f"{large.slug:<9}{address:<62}{ms:>9.0f}{cpu:>9.0f}{mark}", flush=True)
    keep_totals()


def main(lots: int, seconds: int) -> None:
    """Make the lots and ask."""
    with empty_registry():
        from django.conf import settings

        settings.ALLOWED_HOSTS = ["testserver"]
        registry = ManyLots()
        registry.grow(max(len(OWNERS) * 2, round(lots / HOURS)))
        print(f"{registry.plants * HOURS:,} lots of {registry.plants} plants")
        measure(seconds)


if __name__ == "__main__":
    arguments = [int(word) for word in sys.argv[1:]]
    main(*arguments[:2], *(300_000, 60)[len(arguments) :])
