"""What data touch is looked at again, soon, once, and whatever is lost is found."""

import threading
import time
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from certificates.models import Area, Organisation, Retirement, Role
from certificates.services import reference
from certificates.services.holding.retirement import undo
from charging import tasks
from charging.errors import MatchingNotProven
from charging.models import ClosedInterval, ProvisionalHour, SessionHour, TouchedDay
from charging.queries.matching.closing import closing_at
from charging.services.matching import rematching, touching
from charging.services.matching.closing import set_grace
from charging.services.matching.provisional import renew_provisional
from charging.services.matching.rematching import rematch, renew_open
from charging.services.matching.runs import Booked, match, match_touched
from tests.charging.conftest import make_organisation
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.services.matching.test_runs import DAY, TEN, A, B

FIRST = date(2018, 6, 1)


@pytest.fixture
def nudges(monkeypatch) -> list[int]:
    """How often the queue was told, in place of telling it."""
    told: list[int] = []
    monkeypatch.setattr(touching, "nudge", lambda: told.append(1))
    monkeypatch.setattr(rematching, "nudge", lambda: told.append(1))
    return told


@pytest.fixture
def plant(producer, company, now):
    device = register_plant(producer, now)
    share_all(device, company, now)
    return device


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """A block at whose end what it did is committed, and nothing that came before it."""

    def begin():
        connection.run_on_commit.clear()
        return django_capture_on_commit_callbacks(execute=True)

    return begin


def so_far() -> dict[str, int]:
    rows = ProvisionalHour.objects.values_list(
        "session_hour__session__uid", "session_hour__starts_at__hour", "tracked_wh"
    )
    return {f"{uid}{hour}": wh for uid, hour, wh in rows}


def test_an_upload_marks_its_days_and_tells_the_queue_once(plant, company, now, nudges, committed):
    with committed():
        charge(company, [A, B], now)
    with committed():
        generate(plant, TEN, ["8", "100"], now)
    marks = TouchedDay.objects.values_list("organisation", "day", "taken_by")
    assert list(marks) == [(company.pk, FIRST, None)]
    assert nudges == [1]


def test_generation_that_no_company_holds_marks_nothing(producer, now, nudges, committed):
    with committed():
        generate(register_plant(producer, now), TEN, ["8"], now)
    assert (TouchedDay.objects.count(), nudges) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_marks_nothing_and_what_follows_is_marked(nudges):
    company = make_organisation("Council chargers", "council", Role.CHARGING_COMPANY)

    def broken() -> None:
        with transaction.atomic():
            touching.touch(company.pk, [TEN])
            raise InterruptedError

    with pytest.raises(InterruptedError):
        broken()
    assert not TouchedDay.objects.exists()
    with transaction.atomic():
        with pytest.raises(InterruptedError):
            broken()
        for n in range(3):
            touching.touch(company.pk, [TEN + timedelta(days=n)])
        assert not TouchedDay.objects.exists()
    assert (TouchedDay.objects.count(), nudges) == (3, [1])


def test_a_run_plans_open_hours_and_books_nothing(plant, company, now):
    charge(company, [A, B], now)
    generate(plant, TEN, ["8", "100"], now)
    TouchedDay.objects.create(organisation=company, day=FIRST)
    done = rematch(now=now)
    assert (done.days, done.allocations, done.provisional_hours) == (1, 0, 3)
    assert so_far() == {"A10": 2_000, "B10": 6_000, "A11": 5_000}
    assert (Retirement.objects.count(), ClosedInterval.objects.count()) == (0, 0)
    assert not TouchedDay.objects.exists()


def test_provisional_figures_are_what_closing_then_books(plant, company, now):
    charge(company, [A, B], now)
    generate(plant, TEN, ["8", "3"], now)
    renew_provisional(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    promised = so_far()
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    booked = {
        f"{row.allocation.session_hour.session.uid}{row.allocation.session_hour.starts_at.hour}": (
            row.amount_wh
        )
        for row in Retirement.objects.all()
    }
    assert (promised, so_far()) == (booked, {})


def test_planning_again_without_change_writes_nothing(plant, company, now):
    charge(company, [A], now)
    generate(plant, TEN, ["8"], now)
    period = {"organisation": company, "starts_at": DAY[0], "ends_at": DAY[1]}
    assert renew_provisional(**period, now=now) == 1
    assert renew_provisional(**period, now=now + timedelta(hours=1)) == 0
    assert ProvisionalHour.objects.get().planned_at == now


def test_what_comes_late_for_a_closed_hour_is_booked_by_the_run(plant, company, now):
    charge(company, [A], now)
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    generate(plant, TEN, ["3"], now)
    TouchedDay.objects.create(organisation=company, day=FIRST)
    assert rematch(now=now).allocations == 1
    assert ClosedInterval.objects.get(starts_at=TEN).rounds == 2
    assert so_far() == {}


def test_a_retirement_that_is_undone_marks_its_day(plant, company, now, nudges, committed):
    charge(company, [A], now)
    generate(plant, TEN, ["3"], now)
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    with committed():
        undo(retirement=Retirement.objects.get(), now=now)
    assert TouchedDay.objects.get().day == FIRST
    assert rematch(now=now).allocations == 1


def test_what_matching_itself_retires_marks_nothing(plant, company, now, nudges, committed):
    charge(company, [A], now)
    generate(plant, TEN, ["3"], now)
    with committed():
        match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    assert not TouchedDay.objects.exists()


def test_a_day_touched_while_a_run_looks_keeps_its_mark(plant, company, now, nudges, monkeypatch):
    charge(company, [A], now)
    TouchedDay.objects.create(organisation=company, day=FIRST)
    real = rematching.match_touched

    def touched_meanwhile(**words):
        touching._mark({(company.pk, FIRST)})
        return real(**words)

    monkeypatch.setattr(rematching, "match_touched", touched_meanwhile)
    rematch(now=now)
    assert TouchedDay.objects.get().taken_by is None
    assert nudges == [1]


def test_a_run_that_is_killed_leaves_its_marks_for_the_next(plant, company, now, monkeypatch):
    charge(company, [A], now)
    generate(plant, TEN, ["3"], now)
    TouchedDay.objects.create(organisation=company, day=FIRST)
    with monkeypatch.context() as patch:
        patch.setattr(rematching, "renew_provisional", _killed)
        with pytest.raises(KeyboardInterrupt):
            rematch(now=now)
    assert TouchedDay.objects.count() == 1
    assert rematch(now=now).provisional_hours == 1
    assert not TouchedDay.objects.exists()


def _killed(**words):
    raise KeyboardInterrupt


def test_what_cannot_be_matched_of_one_company_holds_up_no_other(plant, company, now, monkeypatch):
    """It is raised once all others are looked at, and its days keep their marks."""
    first = make_organisation("Aardvark chargers", "aardvark", Role.CHARGING_COMPANY)
    other = make_organisation("Zebra chargers", "zebra", Role.CHARGING_COMPANY)
    looked_at: list[str] = []

    def refused(*, organisation, **words):
        looked_at.append(organisation.slug)
        if organisation == company:
            raise MatchingNotProven("An error of the registry.")
        return Booked()

    monkeypatch.setattr(rematching, "match_touched", refused)
    monkeypatch.setattr(tasks, "match_touched", refused)
    every = [
        one.slug for one in Organisation.objects.order_by("pk") if one in (company, first, other)
    ]
    for task in (tasks.match_closed_intervals, tasks.match_late_data):
        looked_at.clear()
        with pytest.raises(MatchingNotProven):
            task()
        assert looked_at == every
    for organisation in (first, company, other):
        TouchedDay.objects.create(organisation=organisation, day=FIRST)
    looked_at.clear()
    with pytest.raises(MatchingNotProven):
        rematch(now=now)
    assert looked_at == every
    assert TouchedDay.objects.get().organisation == company


def test_what_no_mark_told_of_is_found_from_the_state(plant, company, now):
    charge(company, [A], now)
    generate(plant, TEN, ["3"], now)
    assert renew_open(organisation=company, now=TEN + timedelta(hours=3)) == 1
    assert so_far() == {"A10": 3_000}


def test_each_area_closes_by_its_own_policy(company, plant, great_britain, now):
    other = Area.objects.exclude(pk=great_britain.pk).first()
    set_grace(area=None, grace_minutes=120, valid_from=now, reason="", actor="test", now=now)
    set_grace(area=great_britain, grace_minutes=30, valid_from=now, reason="", actor="t", now=now)
    closing = closing_at(now)
    half, two = now - timedelta(minutes=30), now - timedelta(minutes=120)
    assert closing.is_closed(great_britain.pk, half)
    assert not closing.is_closed(great_britain.pk, half + timedelta(seconds=1))
    assert closing.is_closed(other.pk, two)
    assert not closing.is_closed(other.pk, half)
    assert (closing.latest, closing.earliest) == (half, two)
    assert closing_at(now - timedelta(seconds=1)).usual == timedelta(hours=48)


def test_an_hour_within_its_grace_is_not_closed(plant, company, now, great_britain):
    set_grace(
        area=great_britain, grace_minutes=60, valid_from=DAY[0], reason="", actor="t", now=now
    )
    charge(company, [A], now)
    generate(plant, TEN, ["8", "8"], now)
    at = TEN + timedelta(hours=2)  # the hour from ten is over for an hour, the next one just now
    period = {"organisation": company, "starts_at": DAY[0], "ends_at": DAY[1]}
    booked = match_touched(**period, now=at, ready=closing_at(at).is_closed)
    assert booked.closed_intervals == 1
    assert list(ClosedInterval.objects.values_list("starts_at", flat=True)) == [TEN]


def test_the_database_refuses_figures_that_are_no_part(plant, company, now):
    charge(company, [A], now)
    hour = SessionHour.objects.first()
    for renewable, tracked in ((2, 1), (-1, 1), (0, 0)):
        with pytest.raises(IntegrityError), transaction.atomic():
            ProvisionalHour.objects.create(
                session_hour=hour, renewable_wh=renewable, tracked_wh=tracked, planned_at=now
            )


@given(st.sets(st.tuples(st.integers(1, 3), st.dates(date(2020, 1, 1), date(2020, 4, 1)))))
def test_stretches_hold_every_day_once_and_no_other(days):
    found = [
        (company, first + timedelta(days=n))
        for company, first, last in rematching._stretches(sorted(days))
        for n in range((last - first).days + 1)
    ]
    assert found == sorted(days)
    assert all((last - first).days < 31 for _, first, last in rematching._stretches(sorted(days)))


@pytest.mark.django_db(transaction=True)
def test_runs_of_two_workers_at_once_book_late_data_once(now):
    reference.load()
    company = make_organisation("Council chargers", "council", Role.CHARGING_COMPANY)
    device = register_plant(make_organisation("Wind Ltd", "wind", Role.PRODUCER), now)
    share_all(device, company, now)
    charge(company, [A, B], now)
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    generate(device, TEN, ["8", "100"], now)
    assert TouchedDay.objects.count() == 1
    results: list[int] = []
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        try:
            results.append(rematch(now=now).allocations)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(results) == [0, 3]
    assert (Retirement.objects.count(), TouchedDay.objects.count()) == (3, 0)


@pytest.mark.django_db(transaction=True)
def test_a_storm_of_changes_tells_the_queue_once(now, nudges):
    reference.load()
    company = make_organisation("Council chargers", "council", Role.CHARGING_COMPANY)
    for n in range(10_000):
        touching.touch(company.pk, [datetime(2018, 6, 1 + n % 10, n % 24, tzinfo=UTC)])
    assert nudges == [1]
    assert TouchedDay.objects.count() == 10
    assert rematch(now=now).days == 10
    assert nudges == [1]


@pytest.mark.django_db(transaction=True)
def test_without_a_queue_a_change_is_marked_and_nothing_is_complained_of(now, settings, capsys):
    company = make_organisation("Council chargers", "council", Role.CHARGING_COMPANY)
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/queue.sock"
    touching.touch(company.pk, [TEN])
    assert TouchedDay.objects.count() == 1
    assert capsys.readouterr().err == ""


def test_a_queue_that_is_not_there_holds_nobody_up(tmp_path, monkeypatch):
    """Waiting for one took 6 s of every command that touched something first."""
    app = touching.current_app
    nowhere = partial(app.connection_for_write, url=f"redis+socket://{tmp_path}/none.sock")
    monkeypatch.setattr(app, "connection_for_write", nowhere)
    touching.nudge()  # imports what it needs
    before = time.monotonic()
    touching.nudge()
    assert time.monotonic() - before < 5
