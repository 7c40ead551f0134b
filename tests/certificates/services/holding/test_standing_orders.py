"""A standing order uses certificates period after period, each once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from certificates.domain.standing_orders import Measure, Span
from certificates.errors import CancellationRefused, OrderRefused
from certificates.models import Cancellation, Notice, Retirement, StandingOrder, StandingRun
from certificates.queries.holding.holdings import held_wh
from certificates.queries.holding.standing_orders import next_run, orders_of
from certificates.services.holding import standing_orders
from certificates.services.holding.standing_orders import (
    OrderTerms,
    end,
    order,
    pause,
    resume,
    run_due,
)
from certificates.services.issuing.issuance import issue
from certificates.services.meters.readings import import_readings
from certificates.services.plants.devices import register_device
from ledger.errors import KeyReused
from tests.certificates.conftest import facts, meter_csv
from tests.certificates.services.holding.test_cancellations import ACME

START = datetime(2019, 3, 1, tzinfo=UTC)
ORDERED = START + timedelta(hours=1)
APRIL = datetime(2019, 4, 1, tzinfo=UTC)
DUE = APRIL + timedelta(days=5)
DAY = timedelta(days=1)


@pytest.fixture
def make(device):
    """Certificates of hours of March 2019, given as (hour of the month, kWh)."""

    def make(*hours, of=device):
        lines = [f"{START + timedelta(hours=n):%Y-%m-%dT%H:%MZ},{kwh}" for n, kwh in hours]
        lines += ["2018-06-01T00:00Z,0", "2018-06-01T01:00Z,0"]
        import_readings(device=of, stream=meter_csv(*lines), name="m", selection={}, now=APRIL)
        issue(device=of, now=APRIL)

    return make


@pytest.fixture
def terms(farm, device):
    return OrderTerms(
        measure=Measure(share_ppm=500_000), span=Span("month", START), beneficiary=ACME
    )


@pytest.fixture
def place(farm, terms):
    def place(key="k", **changes):
        return order(holder=farm, terms=replace(terms, **changes), key=key, now=ORDERED)

    return place


def test_a_month_is_used_once_its_data_had_time_to_come(farm, place, make):
    made = place()
    make((0, "1"), (1, "2.001"))
    ahead = next_run(made)
    assert (ahead.due_at, ahead.picked.amount_wh) == (DUE, 1_500)
    assert run_due(now=DUE - timedelta(seconds=1)) == 0
    assert run_due(now=DUE) == 1
    run = StandingRun.objects.get()
    used = run.cancellation
    assert (used.amount_wh, used.lots, used.beneficiary) == (1_500, 2, "Acme Ltd")
    assert (used.consumption_starts_at, used.consumption_ends_at) == (START, APRIL)
    assert held_wh(farm) == 1_501
    assert run_due(now=DUE) == 0
    assert orders_of(farm).get().used_wh == 1_500
    assert "1500 Wh were used for Acme Ltd" in Notice.objects.get().message


def test_a_period_with_nothing_in_it_is_done_too(farm, place, make):
    place()
    assert run_due(now=DUE) == 1
    make((0, "1"))
    assert run_due(now=DUE + DAY) == 0
    assert StandingRun.objects.get().cancellation is None
    assert held_wh(farm) == 1_000


def test_days_run_one_by_one_and_catch_up_after_a_standstill(place, make):
    place(span=Span("day", START, START + 3 * DAY), measure=Measure(wh_per_hour=600))
    make((0, "1"), (24, "0.5"), (48, "1"), (72, "1"))
    assert run_due(now=APRIL) == 3
    amounts = Cancellation.objects.order_by("pk").values_list("amount_wh", flat=True)
    assert list(amounts) == [600, 500, 600]
    assert run_due(now=APRIL + 100 * DAY) == 0


def test_that_nothing_is_used_is_told_when_it_begins_and_not_every_day(farm, place, make):
    place(span=Span("day", START), wait_days=0)
    assert run_due(now=START + 3 * DAY) == 3
    told = Notice.objects.filter(kind="cancellation")
    assert ["2019-03-01" in one.message for one in told] == [True]
    make((80, "1"), (0, "0"))
    assert run_due(now=START + 4 * DAY) == 1
    assert run_due(now=START + 7 * DAY) == 3
    words = [one.message for one in told.order_by("pk")]
    assert ["nothing was used" in each for each in words] == [True, False, True]


def test_only_the_plant_kind_and_area_asked_for_are_used(farm, place, make, device):
    other = register_device(
        facts=facts(name="Roof", technology_code="T010100", energy_source_code="F01040100"),
        now=ORDERED,
        approve=True,
    )
    make((12, "1"))
    make((12, "0.5"), of=other)
    place("wind", technology="wind", measure=Measure(wh_per_run=10_000))
    place("roof", device=other, measure=Measure(wh_per_run=10_000))
    place("nowhere", area="10YDE-ENBW-----N", measure=Measure(wh_per_run=10_000))
    assert run_due(now=DUE) == 3
    wind, roof = Cancellation.objects.order_by("pk")
    assert (wind.amount_wh, roof.amount_wh) == (1_000, 500)


def test_of_a_whole_mwh_plant_whole_ones_are_used(farm, place, make):
    whole = register_device(
        facts=facts(name="Whole", whole_certificates=True), now=ORDERED, approve=True
    )
    make((0, "1500"), (1, "1500"), of=whole)
    assert held_wh(farm) == 3_000_000
    place()
    run_due(now=DUE)
    assert Cancellation.objects.get().amount_wh == 1_000_000


def test_what_came_due_while_it_was_paused_is_left_out(farm, place, make):
    made = place(span=Span("day", START))
    make((0, "1"), (24, "1"), (24 * 20, "1"))
    assert pause(order=made, by=farm, now=ORDERED, actor="t").status == "paused"
    assert run_due(now=APRIL) == 0
    resumed = resume(order=made, by=farm, now=START + 10 * DAY, actor="t")
    assert next_run(resumed).starts_at == START + 5 * DAY
    run_due(now=APRIL)
    assert held_wh(farm) == 2_500


def test_a_pause_in_which_nothing_came_due_leaves_nothing_out(farm, place):
    made = place()
    pause(order=made, by=farm, now=ORDERED, actor="t")
    assert next_run(resume(order=made, by=farm, now=ORDERED + DAY, actor="t")).starts_at == START


def test_an_ended_order_uses_nothing_more(farm, company, place, make):
    made = place()
    make((0, "1"))
    with pytest.raises(OrderRefused, match="Only its holder"):
        end(order=made, by=company, now=ORDERED, actor="t")
    assert end(order=made, by=farm, now=ORDERED, actor="t").status == "ended"
    assert end(order=made, by=farm, now=ORDERED + DAY, actor="t").ended_at == ORDERED
    with pytest.raises(OrderRefused, match="nobody can resume"):
        resume(order=made, by=farm, now=ORDERED, actor="t")
    assert run_due(now=DUE) == 0
    assert next_run(StandingOrder.objects.get()) is None


def test_the_same_key_is_the_same_order_and_other_terms_are_refused(place):
    assert place() == place()
    with pytest.raises(KeyReused):
        place(wait_days=6)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"measure": Measure()}, "one of the three"),
        ({"measure": Measure(1, 1)}, "one of the three"),
        ({"measure": Measure(1_000_001)}, "A share is"),
        ({"measure": Measure(wh_per_hour=0)}, "An amount is"),
        ({"measure": Measure(wh_per_run=10**16)}, "An amount is"),
        ({"technology": "magic"}, "is no kind"),
        ({"wait_days": 91}, "up to 90 days"),
        ({"span": Span("year", START)}, "every day or month"),
        ({"span": Span("month", START, START)}, "ends before it starts"),
        ({"span": Span("month", datetime(2019, 3, 1))}, "time zone"),  # noqa: DTZ001
        ({"span": Span("month", START - DAY)}, "used at once"),
        ({"span": Span("day", START - DAY)}, "used at once"),
    ],
)
def test_what_cannot_be_ordered_is_refused_and_kept_nowhere(place, changes, words):
    with pytest.raises(OrderRefused, match=words):
        place(**changes)
    assert not StandingOrder.objects.exists()


def test_a_beneficiary_has_a_name(place):
    with pytest.raises(CancellationRefused, match="Name the beneficiary"):
        place(beneficiary=replace(ACME, name=""))


def test_a_problem_is_said_once_and_gone_when_it_is(farm, place, make, monkeypatch):
    made = place()
    make((0, "1"))

    def refuse(**given):
        raise CancellationRefused("Not today.")

    with monkeypatch.context() as patched:
        patched.setattr(standing_orders.cancellations, "cancel", refuse)
        assert run_due(now=DUE) == 0
        assert run_due(now=DUE + timedelta(minutes=1)) == 0
    made.refresh_from_db()
    assert made.problem == "Not today."
    assert Notice.objects.count() == 1
    assert run_due(now=DUE + timedelta(minutes=2)) == 1
    made.refresh_from_db()
    assert made.problem == ""


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_use_a_period_once(farm, place, make):
    place()
    make((0, "1"), (1, "2"))

    def work(_):
        try:
            return run_due(now=DUE)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(work, range(2)))
    assert sum(done) == 1
    assert sum(Retirement.objects.values_list("amount_wh", flat=True)) == 1_500


def test_the_database_keeps_one_run_per_period_and_one_measure(place):
    made = place()
    StandingRun.objects.create(order=made, starts_at=START, ends_at=APRIL, ran_at=DUE)
    with pytest.raises(IntegrityError), transaction.atomic():
        StandingRun.objects.create(order=made, starts_at=START, ends_at=APRIL, ran_at=DUE)
    for changes in ({"share_ppm": 0}, {"wh_per_hour": 1}, {"status": "ended"}, {"country": "gb"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            StandingOrder.objects.filter(pk=made.pk).update(**changes)
