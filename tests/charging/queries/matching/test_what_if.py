"""The same charges under every policy and rule; nothing of it is written."""

from datetime import UTC, datetime

import pytest
from django.apps import apps

from certificates.models import Retirement
from charging.domain.matching import VERSION
from charging.domain.matching.policies import POLICIES
from charging.domain.matching.versions import VERSIONS
from charging.errors import InvalidPeriod
from charging.models import Allocation, ClosedInterval, MatchingRun, Session
from charging.queries.company.explain import explain
from charging.queries.matching.replay import replay, run_of
from charging.queries.matching.what_if import compare, what_if
from charging.services.matching.runs import match
from ledger.models import AuditEvent
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.services.matching.test_runs import DAY, LATE, TEN, A, B

YEAR = (datetime(2018, 1, 1, tzinfo=UTC), datetime(2019, 1, 1, tzinfo=UTC))


@pytest.fixture
def plant(producer, company, now):
    device = register_plant(producer, now)
    share_all(device, company, now)
    return device


def matched(company, period=YEAR, **more) -> dict[str, int]:
    reports = compare(organisation=company, starts_at=period[0], ends_at=period[1], **more)
    return {name: report.matched_wh for name, report in reports.items()}


def test_by_the_year_all_by_the_hour_half(plant, company, now):
    charge(company, [B], now)
    generate(plant, TEN, ["7"], now)
    generate(plant, TEN.replace(day=20), ["2"], now)
    generate(plant, datetime(2018, 2, 1, tzinfo=UTC), ["4"], now)
    generate(plant, datetime(2018, 11, 1, tzinfo=UTC), ["50"], now)
    expected = {"15-minute": 0, "hourly": 7_000, "monthly": 9_000, "lcfs": 13_000, "annual": 15_000}
    assert matched(company) == expected
    assert not any(model.objects.exists() for model in (Retirement, Allocation, ClosedInterval))
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    assert matched(company) == expected


def test_a_lot_of_an_hour_does_not_say_in_which_quarter_it_was_made(plant, company, now):
    charge(company, [A], now)
    generate(plant, TEN, ["7"], now)
    period = {"organisation": company, "starts_at": DAY[0], "ends_at": DAY[1]}
    report = what_if(**period, policy="15-minute")
    assert (report.demand_wh, report.supply_wh, report.too_coarse_wh) == (10_000, 0, 7_000)
    assert what_if(**period).too_coarse_wh == 0


def test_a_policy_or_share_that_is_none_is_refused(plant, company):
    period = {"organisation": company, "starts_at": DAY[0], "ends_at": DAY[1]}
    for wrong in ({"policy": "weekly"}, {"ppm": -1}, {"ppm": 1_000_001}):
        with pytest.raises(InvalidPeriod):
            what_if(**period, **wrong)


@pytest.fixture
def run(plant, company, now) -> MatchingRun:
    charge(company, [A, B], now)
    generate(plant, TEN, ["8", "100"], now)
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    return MatchingRun.objects.get()


def every_row() -> dict[str, list[tuple]]:
    """All that is in the database, by table."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models()
    }


def test_no_question_changes_a_row_of_any_table(run, company, plant, now):
    generate(plant, TEN.replace(day=2), ["40"], now)
    charge(company, [LATE], now)
    before = every_row()
    assert sum(map(len, before.values())) > 50
    for policy in POLICIES:
        for ppm in (None, 1, 250_000, 1_000_000):
            what_if(organisation=company, starts_at=DAY[0], ends_at=DAY[1], policy=policy, ppm=ppm)
        for version in VERSIONS:
            replay(run, policy=policy, version=version)
    matched(company)
    for session in Session.objects.all():
        explain(session, now)
    assert every_row() == before


@pytest.mark.parametrize("version", [VERSION, "proportional-1"])
def test_a_run_computed_again_comes_to_what_was_booked(run, version):
    told = replay(run, version=version)
    assert (told.booked_wh, told.replayed_wh, told.demand_wh) == (13_000, 13_000, 25_000)
    assert (told.hours_alike, told.hours_with_more, told.hours_with_less) == (3, 0, 0)


def test_a_run_under_another_policy_is_compared_and_the_book_left_alone(run):
    before = Retirement.objects.count()
    told = replay(run, policy="annual")
    assert (told.booked_wh, told.replayed_wh, told.hours_alike) == (13_000, 25_000, None)
    assert Retirement.objects.count() == before


def test_what_came_late_shows_in_the_comparison(run, company, plant, now):
    """The late charge was left 95 kWh; from the start the hour would be shared the same."""
    charge(company, ["d,X,4,2018-06-01T10:00Z,2018-06-01T11:00Z,20,Mill Street"], now)
    told = replay(run)
    assert (told.hours_with_more, told.hours_with_less) == (1, 2)
    assert told.replayed_wh == told.booked_wh == 13_000


def test_a_run_or_rule_that_is_none_is_refused_in_words(run):
    with pytest.raises(InvalidPeriod, match="no matching run 999"):
        run_of(999)
    with pytest.raises(InvalidPeriod, match="proportional-1"):
        replay(run, version="random-1")


def test_the_checkers_verdict_is_kept_where_auditors_look(run):
    event = AuditEvent.objects.get(action="matching.proven")
    assert event.subject == f"matchingrun {run.pk}"
    assert event.detail["proven"] is True
    assert event.detail["matched_wh"] == 13_000
    assert event.detail["violations"] == []
    assert (event.detail["intervals_closed"], event.detail["intervals_matched_again"]) == (2, 0)


def test_late_data_match_only_what_is_left_and_the_report_says_so(run, company, now):
    charge(company, [LATE], now)
    report = match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    assert (report.retirements, report.late_intervals) == (1, 1)


def test_every_policy_has_words():
    assert all(policy.title and policy.rule.endswith(".") for policy in POLICIES.values())
