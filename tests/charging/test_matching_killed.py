"""A worker that is killed -9 while it closes intervals, and corrections that come meanwhile."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from certificates.models import Retirement, Role
from certificates.services import reference
from charging import tasks
from charging.models import Allocation, ClosedInterval, MatchingRun, Session, TouchedDay
from charging.services.matching import runs as matching
from charging.services.matching.closing import set_grace
from charging.services.matching.runs import match_touched
from charging.services.sessions.corrections import Correction, correct_session
from ledger.models import AuditEvent
from tests.charging.conftest import LONG_AGO, make_organisation
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.processes import PATIENCE_S, kill_once_it_says, start


@pytest.fixture
def lately():
    """The start of an hour that has been over for some hours."""
    return timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=6)


@pytest.fixture
def company(transactional_db, lately):
    """Two hours with 10 kWh charged in each, by two cars, and 8 kWh generated in each."""
    now = timezone.now()
    reference.load()
    set_grace(area=None, grace_minutes=60, valid_from=LONG_AGO, reason="", actor="test", now=now)
    council = make_organisation("Council chargers", "council", Role.CHARGING_COMPANY)
    device = register_plant(make_organisation("Wind Ltd", "wind", Role.PRODUCER), now)
    share_all(device, council, LONG_AGO)
    end = lately + timedelta(hours=2)
    span = f"{lately:%Y-%m-%dT%H:%MZ},{end:%Y-%m-%dT%H:%MZ}"
    charge(council, [f"a,X,1,{span},10,Mill Street", f"b,Y,1,{span},10,Mill Street"], now)
    generate(device, lately, ["8", "8"], now)
    return council


def in_the_book() -> dict[str, int]:
    return {
        "runs": MatchingRun.objects.count(),
        "closed": ClosedInterval.objects.count(),
        "allocations": Allocation.objects.count(),
        "retirements": Retirement.objects.count(),
        "proven": AuditEvent.objects.filter(action="matching.proven").count(),
    }


def covered() -> dict[str, int]:
    rows = Allocation.objects.standing().values_list("session_hour__session__uid")
    return dict(rows.annotate(wh=Sum("retirement__amount_wh")))


def test_a_run_that_is_killed_leaves_nothing_and_the_next_books_all_of_it_once(
    worker, eventually, company, data_dir
):
    before = in_the_book()
    kill_once_it_says(start("tests.charging.slow_matching"), "retired")
    assert in_the_book() == before == dict.fromkeys(before, 0)
    for _ in range(2):
        tasks.match_closed_intervals.delay()
    once = {"runs": 1, "closed": 2, "allocations": 4, "retirements": 4, "proven": 1}
    assert eventually(lambda: in_the_book() == once)
    assert covered() == {"A": 8_000, "B": 8_000}
    tasks.match_closed_intervals()
    assert in_the_book() == once


@pytest.mark.parametrize(
    ("kwh", "allocations", "expected"),
    [(14, 0, {"A": 8_000, "B": 8_000}), (6, 4, {"A": 6_000, "B": 10_000})],
    ids=["upward", "downward"],
)
def test_a_correction_that_comes_while_its_interval_closes_waits_and_is_honoured(
    company, lately, monkeypatch, kwh, allocations, expected
):
    """Upward it asks for more, of which nothing is left and nobody is made to give. Downward,
    what was retired a moment ago and is not sealed is given back and serves both anew."""
    now = timezone.now()
    session = Session.objects.get(uid="A")
    correction = Correction(
        lately, lately + timedelta(hours=2), kwh * 1000, str(kwh), "The meter was read again"
    )
    arrived, finished = threading.Event(), threading.Event()
    retire = matching._retire

    def slowly(*facts):
        retire(*facts)
        threading.Thread(target=correct).start()
        assert arrived.wait(PATIENCE_S)
        assert not finished.wait(0.5)  # it waits for the company's lock

    def correct() -> None:
        arrived.set()
        try:
            correct_session(session=session, correction=correction, actor="test", now=now)
        finally:
            connection.close()
            finished.set()

    period = {"starts_at": lately, "ends_at": lately + timedelta(hours=2)}
    with monkeypatch.context() as patch:
        patch.setattr(matching, "_retire", slowly)
        assert match_touched(organisation=company, **period, now=now).allocations == 4
    assert finished.wait(PATIENCE_S)
    standing = Session.objects.get(uid="A", voided_at__isnull=True)
    assert standing.energy_wh == kwh * 1000
    assert TouchedDay.objects.filter(day=lately.date()).exists()
    assert match_touched(organisation=company, **period, now=now).allocations == allocations
    assert covered() == expected
    assert Retirement.objects.standing().aggregate(wh=Sum("amount_wh"))["wh"] == 16_000
