"""Tasks may run twice."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from certificates.models import Retirement
from charging.models import Receipt
from charging.queries.matching.closing import USUAL as GRACE
from charging.tasks import match_closed_intervals, match_late_data, sweep
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.services.matching.test_runs import A


def test_what_ended_long_enough_ago_is_matched_once(company, producer, monkeypatch):
    now = datetime(2018, 6, 1, 12, 30, tzinfo=UTC) + GRACE
    monkeypatch.setattr(timezone, "now", lambda: now)
    device = register_plant(producer, now)
    share_all(device, company, now)
    charge(company, [A], now)
    generate(device, datetime(2018, 6, 1, 10, tzinfo=UTC), ["8", "8"], now)
    assert match_closed_intervals() == 2
    assert match_closed_intervals() == 0
    assert Retirement.objects.count() == 2


def test_what_ended_just_now_waits_for_late_data(company, producer, monkeypatch):
    now = datetime(2018, 6, 1, 13, tzinfo=UTC) + GRACE - timedelta(hours=2)
    monkeypatch.setattr(timezone, "now", lambda: now)
    device = register_plant(producer, now)
    share_all(device, company, now)
    charge(company, [A], now)
    generate(device, datetime(2018, 6, 1, 10, tzinfo=UTC), ["8", "8"], now)
    assert match_closed_intervals() == 1


def test_the_sweep_opens_missing_receipts_once(company, great_britain, now):
    charge(company, [A], now)
    Receipt.objects.all().delete()
    assert (sweep(), sweep()) == (1, 0)


def test_what_came_very_late_is_matched_by_the_daily_round(company, producer, now, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: now)
    device = register_plant(producer, now)
    share_all(device, company, now)
    charge(company, [A], now)
    generate(device, datetime(2018, 6, 1, 10, tzinfo=UTC), ["8", "8"], now)
    assert match_closed_intervals() == 0
    assert (match_late_data(), match_late_data()) == (2, 0)
