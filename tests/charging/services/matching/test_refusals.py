"""A matching that breaks a rule is stopped, kept, and shown until its hours are matched."""

import pytest

from certificates.models import Retirement
from charging.domain.matching import Share
from charging.errors import MatchingNotProven
from charging.models import ClosedInterval, MatchingRun
from charging.queries.matching import plan
from charging.queries.matching.refusals import all_waiting, refusal_events, waiting_refusals
from charging.services.matching.runs import match
from config.attention import attention
from ledger.models import AuditEvent
from tests.charging.conftest import make_organisation
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.services.matching.test_runs import DAY, TEN, A, B
from tests.charging.views.company.test_home import log_in


def greedy(demands, supplies, couplings=None):
    """A matcher that gives the charge with the most open demand everything."""
    (lot,) = supplies
    most = max(demands, key=lambda one: one.amount_wh)
    return [Share(most.key, lot.code, min(most.amount_wh, lot.amount_wh))]


@pytest.fixture
def scarce(producer, company, now):
    """One hour, two charges, a site with a plant, and too little for both."""
    device = register_plant(producer, now)
    share_all(device, company, now)
    charge(company, [A, B], now)
    generate(device, TEN, ["8"], now)
    return company


def run(company, now):
    return match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)


@pytest.fixture
def stopped(scarce, now, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(plan.Wishes, "intervals", lambda self, hours: {int(TEN.timestamp())})
        patch.setattr(plan, "match_interval", greedy)
        for _ in range(2):
            with pytest.raises(MatchingNotProven):
                run(scarce, now)
    return scarce


def test_nothing_of_a_stopped_matching_is_booked_and_why_is_kept_once(stopped, now):
    assert not Retirement.objects.exists()
    assert not MatchingRun.objects.exists()
    assert not ClosedInterval.objects.exists()
    (refusal,) = waiting_refusals(stopped)
    assert (refusal.starts_at, refusal.ends_at, refusal.found) == (*DAY, 1)
    (broken,) = refusal.broken
    assert (broken.rule, broken.message) == ("equals", "Got 0 Wh; its share is 2000 Wh.")
    assert "by what they took" in broken.words
    assert AuditEvent.objects.filter(action="matching.refused").count() == 1


def test_the_company_and_the_auditor_see_it_in_red_until_it_is_matched(stopped, now, client):
    (refusal,) = all_waiting()
    (queue,) = [one for one in attention(now) if "stopped by the checker" in one.title]
    assert (queue.count, queue.url) == (1, f"/company/runs/stopped/{refusal.number}/")
    log_in(client, stopped)
    assert 'class="alarm" role="alert"' in client.get("/company/").text
    page = client.get(queue.url).text
    assert "no certificate was used" in page
    assert "Got 0 Wh; its share is 2000 Wh." in page
    run(stopped, now)
    assert waiting_refusals(stopped) == []
    assert 'class="alarm"' not in client.get("/company/").text
    assert "these hours were matched by a run that holds every rule" in client.get(queue.url).text


def test_a_stopped_matching_is_no_other_companys_business(stopped, client):
    other = make_organisation("Other", "other", "charging_company")
    log_in(client, other)
    number = refusal_events().get().pk
    assert client.get(f"/company/runs/stopped/{number}/").status_code == 404
    assert 'class="alarm"' not in client.get("/company/").text
