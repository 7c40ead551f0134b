"""What goes where across intervals and areas, proven before anything is booked."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.models import Area
from charging.domain.matching import Coupling, Demand, Supply, Violation, match_interval
from charging.errors import InvalidPeriod, MatchingNotProven
from charging.models import Allocation
from charging.queries.company.coverage import coverage
from charging.queries.matching.demand import HourDemand
from charging.queries.matching.plan import plan
from charging.queries.matching.supply import HeldAsset
from charging.services.matching import runs as matching
from charging.services.matching.coupling import couple
from charging.services.matching.runs import match
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.queries.company.test_explain import told
from tests.charging.services.matching.test_runs import DAY, TEN, B

START = datetime(2018, 6, 1, tzinfo=UTC)
HOURS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 2), st.integers(0, 50)), max_size=20)
LOTS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 2), st.integers(1, 90), st.sampled_from([2, 3])),
    max_size=12,
)


def made(hours, lots) -> tuple[list[HourDemand], list[HeldAsset]]:
    return (
        [
            HourDemand(n, n, area, START + timedelta(hours=hour), 60, wh, wh, f"charge-{n:02}")
            for n, (hour, area, wh) in enumerate(hours)
        ],
        [
            HeldAsset(n, f"{n:040x}", n, mask, (area, int(START.timestamp()) + hour * 3600), wh)
            for n, (hour, area, wh, mask) in enumerate(lots)
        ],
    )


def one_by_one(demands, held, couplings) -> set[tuple[int, str, int]]:
    found = set()
    for start in {hour.starts_at for hour in demands}:
        here = {hour.key: hour for hour in demands if hour.starts_at == start}
        assets = [asset for asset in held if asset.place[1] == int(start.timestamp())]
        shares = match_interval(
            [Demand(key, hour.open_wh, area=str(hour.area_id)) for key, hour in here.items()],
            [Supply(a.code, a.amount_wh, a.mask != 2, area=str(a.place[0])) for a in assets],
            couplings,
        )
        found |= {(here[share.key].pk, share.code, share.amount_wh) for share in shares}
    return found


@given(HOURS, LOTS, st.booleans())
def test_a_plan_is_what_every_interval_comes_to_by_itself(hours, lots, coupled):
    demands, held = made(hours, lots)
    until = START + timedelta(hours=2)
    table = [Coupling("1", "2", START, until)] if coupled else []
    planned = plan(demands, held, table)
    assert planned.verdict.proven
    early = [hour for hour in demands if hour.starts_at < until]
    late = [hour for hour in demands if hour.starts_at >= until]
    expected = one_by_one(early, held, frozenset({("1", "2")} if coupled else ()))
    expected |= one_by_one(late, held, frozenset())
    assert {(s.hour.pk, s.asset.code, s.amount_wh) for s in planned.shares} == expected


@pytest.fixture
def ireland(great_britain) -> Area:
    return Area.objects.create(
        scheme="EIC",
        code="10YIE-1001A00010",
        name="Ireland",
        country="IE",
        timezone="Europe/Dublin",
        valid_from=datetime(2007, 1, 1, tzinfo=UTC),
    )


def test_generation_of_a_coupled_area_is_booked_while_the_table_says_so(
    ireland, company, producer, now
):
    device = register_plant(producer, now)
    device.area = ireland
    device.save(update_fields=["area"])
    share_all(device, company, now)
    charge(company, [B], now)
    generate(device, TEN, ["8"], now)
    period = {"organisation": company, "starts_at": DAY[0], "ends_at": DAY[1], "now": now}
    assert match(**period).matched_wh == 0
    great_britain = Area.objects.get(code="10YGB----------A", valid_to__isnull=True)
    june = datetime(2018, 6, 2, tzinfo=UTC)
    words = {"generation": ireland, "charge": great_britain, "actor": "test", "now": now}
    couple(**words, starts_at=june, ends_at=None)
    assert match(**period).matched_wh == 0
    couple(**words, starts_at=datetime(2018, 1, 1, tzinfo=UTC), ends_at=june)
    assert match(**period).matched_wh == 8_000
    assert match(**period).retirements == 0
    (hour,) = told("B", now).hours
    assert (hour.reason, hour.lots[0].same_area) == ("shared", False)
    rows = coverage(company, *DAY)
    assert [(row.demand_wh, row.matched_wh, row.spare_wh) for row in rows] == [(15_000, 8_000, 0)]


def test_a_coupling_is_entered_once_and_one_way_in_time(ireland, now):
    great_britain = Area.objects.get(code="10YGB----------A", valid_to__isnull=True)
    words = {"generation": ireland, "charge": great_britain, "actor": "test", "now": now}
    first = couple(**words, starts_at=DAY[0], ends_at=DAY[1])
    assert couple(**words, starts_at=DAY[0], ends_at=DAY[1]) == first
    for start, end in ((DAY[0], None), (DAY[1], DAY[0])):
        with pytest.raises(InvalidPeriod):
            couple(**words, starts_at=start, ends_at=end)
    with pytest.raises(InvalidPeriod, match="itself"):
        couple(**words | {"charge": ireland}, starts_at=DAY[0], ends_at=None)


def test_a_matching_that_is_not_proven_is_not_booked(company, producer, now, monkeypatch):
    device = register_plant(producer, now)
    share_all(device, company, now)
    charge(company, [B], now)
    generate(device, TEN, ["8"], now)

    def greedy(hours, held, table, wishes):
        right = plan(hours, held, table, wishes)
        broken = (Violation("equals", "B", "made up."),)
        return type(right)(right.shares, type(right.verdict)(8, 8, 8, (), broken))

    monkeypatch.setattr(matching, "plan", greedy)
    with pytest.raises(MatchingNotProven, match="'equals'"):
        match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    assert not Allocation.objects.exists()
