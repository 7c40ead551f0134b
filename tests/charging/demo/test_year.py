"""The demo's year gives the published answers to the Wh, and twice is once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from certificates.models import Lot, Organisation, Retirement, User
from charging.demo import play, year
from charging.demo.cast import AUDITOR, LOGINS, PASSWORD, engage
from charging.demo.samples import find
from charging.errors import NotInDemoMode, SampleDataMissing
from charging.models import MatchingRun, Receipt, Session, SessionClaim
from charging.queries.matching.what_if import what_if
from charging.queries.receipts.facts import ReceiptState
from charging.queries.receipts.receipt import receipt
from charging.queries.story import story

DEMAND_WH = 262_134_364


@contextmanager
def silent(_label: str) -> Iterator:
    yield lambda _done, _total: None


def clock() -> datetime:
    return datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def unsettled(monkeypatch, data_dir, settings):
    """The book alone: what the chain makes of it is tested with the chain."""
    settings.IS_DEMO = True
    monkeypatch.setattr(year, "settle", lambda **_: SimpleNamespace(certified=0))


@pytest.mark.slow
def test_the_year_is_matched_to_the_published_wh_and_a_second_play_repeats_nothing(
    db, unsettled, django_user_model
):
    shown = []
    result = play(clock=clock, stage=silent, say=shown.append)
    matched = {key: (rule.demand_wh, rule.matched_wh) for key, rule in result.rules.items()}
    assert matched == {
        "hourly_46300": (DEMAND_WH, 118_852_094),
        "hourly_250000": (DEMAND_WH, 194_380_463),
        "hourly_1000000": (DEMAND_WH, 219_485_325),
        "annual_46300": (DEMAND_WH, DEMAND_WH),
    }
    assert Lot.objects.count() == 7_938
    assert [first.public_id for first in shown] == [result.receipt]
    company = Organisation.objects.get(slug="perth-kinross")
    booked = what_if(organisation=company, starts_at=year.YEAR[0], ends_at=year.YEAR[1])
    assert (booked.matched_wh, booked.session_hours) == (118_852_094, 51_294)
    assert story().by_hour.matched_wh == 118_852_094
    assert story().sessions == 23_272

    driver = django_user_model.objects.get(email="driver@example.org")
    assert SessionClaim.objects.filter(driver=driver).count() == 20
    assert Receipt.objects.count() == Session.objects.count() == 23_272
    found = receipt(result.receipt, clock())
    assert found.state == ReceiptState.PENDING
    assert 0 < found.renewable_wh < found.energy_wh
    assert found.plants[0].distance_km > 400

    counts = [model.objects.count() for model in (Retirement, MatchingRun, SessionClaim)]
    again = play(clock=clock, stage=silent, say=shown.append)
    assert again.rules == result.rules
    assert again.receipt == result.receipt
    assert counts == [model.objects.count() for model in (Retirement, MatchingRun, SessionClaim)]


def test_a_registry_in_production_refuses_the_demo(db, settings):
    settings.IS_DEMO = False
    with pytest.raises(NotInDemoMode):
        play(clock=clock, stage=silent, say=print)
    assert not User.objects.exists()


def test_a_missing_sample_is_named(tmp_path):
    with pytest.raises(SampleDataMissing, match="kelmarsh_2018"):
        find(tmp_path)


def test_the_cast_is_engaged_once_and_can_log_in(db, great_britain, client):
    sites = find().sites
    first = engage(area=great_britain, sites=sites, now=clock())
    assert engage(area=great_britain, sites=sites, now=clock()) == first
    assert first.device.gsrn_origin == "synthetic"
    assert first.device.quality == "calculated"
    for login in LOGINS:
        assert client.login(username=login.email, password=PASSWORD)
        assert User.objects.get(email=login.email).is_staff is (login is AUDITOR)
