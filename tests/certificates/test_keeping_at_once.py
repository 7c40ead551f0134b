"""Totals are kept while two workers issue, and while an act that began earlier is not over yet."""

from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from certificates.models import Device, Lot, Organisation, TouchedStretch
from certificates.queries.generator.calendar import calendar
from certificates.queries.generator.fates import fate
from certificates.queries.holding.held_plants import held_plants
from certificates.services import stretches
from certificates.services.holding.transfer import transfer
from certificates.services.issuing.issuance import issue
from certificates.services.stretch_check import check
from tests.certificates import full_sums
from tests.certificates.conftest import NOW
from tests.certificates.test_issuing_at_once import plants, start_issuing  # noqa: F401
from tests.processes import PATIENCE_S, end_of


def assert_full(devices):
    for holder in Organisation.objects.all():
        lines = {line.device.pk: (line.lots, line.amount_wh) for line in held_plants(holder)}
        assert lines == full_sums.held(holder)
    found = calendar(devices, 2018)
    assert (found.produced, found.certified) == full_sums.hours(devices, 2018)
    assert fate(devices).issued_wh == Lot.objects.aggregate(wh=Sum("amount_wh"))["wh"]
    assert list(check()) == []


def test_what_two_workers_issue_meanwhile_is_counted_once(plants):  # noqa: F811
    workers, kept = start_issuing(plants), 0
    while any(worker.poll() is None for worker in workers):
        kept += stretches.keep_some()
        for line in held_plants(plants[0].organisation):
            assert line.amount_wh > 0
    assert [end_of(worker) for worker in workers] == [0, 0]
    assert_full(plants)
    while stretches.keep_some():
        kept += 1
    assert kept
    assert not TouchedStretch.objects.exists()
    assert_full(plants)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer whatever it locks")
def test_an_act_that_commits_after_a_later_one_was_kept_is_counted(plants):  # noqa: F811
    """Ids of the first are lower than those of the second, which is kept before."""
    issue(device=plants[0], now=NOW)
    farm, company = Organisation.objects.order_by("pk")
    acted, may_end = Event(), Event()

    def move_slowly():
        try:
            with transaction.atomic():
                asset = Lot.objects.earliest("pk").assets.get().asset_id
                move = {"source": farm, "destination": company, "now": NOW}
                transfer(key="slow", amounts={asset: 100}, **move)
                acted.set()
                assert may_end.wait(PATIENCE_S)
        finally:
            connection.close()

    slow = Thread(target=move_slowly)
    slow.start()
    try:
        assert acted.wait(PATIENCE_S)
        asset = Lot.objects.latest("pk").assets.get().asset_id
        transfer(key="quick", amounts={asset: 200}, source=farm, destination=company, now=NOW)
        while stretches.keep_some():
            pass
        assert_full([Device.objects.get(pk=plants[0].pk)])
    finally:
        may_end.set()
        slow.join(PATIENCE_S)
    assert TouchedStretch.objects.count() == 1
    assert_full(plants)
    assert stretches.keep_some() == 1
    assert_full(plants)
