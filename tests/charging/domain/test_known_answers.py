"""The published figures of the real data, to the Wh, from rules alone."""

from collections import Counter, defaultdict
from datetime import UTC, datetime

import numpy as np
import pytest

from charging.domain.matching import (
    Demand,
    DemandColumns,
    Supply,
    SupplyColumns,
    certify,
    certify_columns,
    match_columns,
    match_interval,
    matched_by_interval,
    matched_by_period,
    share_of,
)
from charging.domain.profiles import PERTH_KINROSS
from charging.domain.session_file import decode, read_rows
from charging.domain.session_rows import Period, Reason, Verdict, judge
from charging.domain.split import split_evenly
from tests.charging.conftest import SAMPLES

YEAR = Period(
    int(datetime(2018, 1, 1, tzinfo=UTC).timestamp()),
    int(datetime(2019, 1, 1, tzinfo=UTC).timestamp()),
)


@pytest.fixture(scope="module")
def outcomes():
    data = (SAMPLES / "charging" / "perth_kinross_2018.csv.gz").read_bytes()
    return [judge(row.fields, PERTH_KINROSS, YEAR) for row in read_rows(data, PERTH_KINROSS)]


@pytest.fixture(scope="module")
def demands(outcomes):
    by_hour = defaultdict(list)
    for charge in (outcome.charge for outcome in outcomes if outcome.charge):
        for start, wh in split_evenly(charge.started, charge.ended, charge.energy_wh):
            if YEAR.holds(start):
                by_hour[start].append(Demand(charge.uid, wh))
    return by_hour


@pytest.fixture(scope="module")
def turbine():
    """Whole Wh of Kelmarsh 2 by hour: rounded down, negative hours clipped."""
    hours = {}
    sample = SAMPLES / "generation" / "kelmarsh_2018_hourly_by_turbine.csv.gz"
    for line in decode(sample.read_bytes()).splitlines()[1:]:
        start, name, kwh, _ = line.split(",")
        if name == "Kelmarsh 2" and kwh and not kwh.startswith("-"):
            whole, _, part = kwh.partition(".")
            wh = int(whole) * 1000 + int(f"{part}000"[:3])
            if wh:
                hours[int(datetime.fromisoformat(start).timestamp())] = wh
    return hours


def test_every_row_of_the_year_is_accounted_for(outcomes):
    verdicts = Counter(outcome.verdict for outcome in outcomes)
    assert verdicts[Verdict.ACCEPTED] == 23_272
    assert verdicts[Verdict.REJECTED] == 769
    assert verdicts[Verdict.ACCEPTED] + verdicts[Verdict.REJECTED] == 24_041
    reasons = Counter(
        reason
        for outcome in outcomes
        if outcome.verdict is Verdict.REJECTED
        for reason in {problem.reason for problem in outcome.problems}
    )
    assert reasons[Reason.NO_END] == 73
    assert reasons[Reason.NOT_POSITIVE] == 570
    assert reasons[Reason.NOT_FORWARD] == 374
    assert reasons[Reason.OVER_A_DAY] == 52
    assert reasons[Reason.OVER_POWER] == 1


def test_the_demand_of_the_year_is_known_to_the_wh(demands):
    assert len(demands) == 7_406
    assert sum(d.amount_wh for hour in demands.values() for d in hour) == 262_134_364


@pytest.mark.parametrize(
    ("ppm", "matched"),
    [(46_300, 118_852_094), (250_000, 194_380_463), (1_000_000, 219_485_325)],
)
def test_matched_by_the_hour_is_known_to_the_wh(demands, turbine, ppm, matched):
    shares = [
        share
        for start, hour in demands.items()
        for share in match_interval(hour, [Supply("a", share_of(turbine.get(start, 0), ppm))])
    ]
    assert sum(share.amount_wh for share in shares) == matched
    by_hour = {(1, s): sum(d.amount_wh for d in hour) for s, hour in demands.items()}
    supply = {(1, s): share_of(wh, ppm) for s, wh in turbine.items()}
    assert matched_by_interval(by_hour, supply) == matched


@pytest.mark.parametrize(
    ("ppm", "matched"),
    [(46_300, 118_852_094), (250_000, 194_380_463), (1_000_000, 219_485_325)],
)
def test_all_hours_at_once_give_the_same_answer_and_a_proof(demands, turbine, ppm, matched):
    hours = [(start, demand) for start, hour in demands.items() for demand in hour]
    ranks = {key: n for n, key in enumerate(sorted({demand.key for _, demand in hours}))}
    asked = DemandColumns(
        np.array([start for start, _ in hours]),
        np.array([ranks[demand.key] for _, demand in hours]),
        np.array([demand.amount_wh for _, demand in hours]),
    )
    held = SupplyColumns(
        np.array(list(turbine)),
        np.zeros(len(turbine), np.int64),
        np.array([share_of(wh, ppm) for wh in turbine.values()]),
        np.ones(len(turbine), bool),
    )
    shares = match_columns(asked, held)
    assert int(shares.amount_wh.sum()) == matched
    assert certify_columns(asked, held, shares).proven


def test_every_single_hour_of_the_real_year_is_proven(demands, turbine):
    total = 0
    for start, hour in demands.items():
        supply = [Supply("a", share_of(turbine.get(start, 0), 46_300))]
        verdict = certify(hour, supply, match_interval(hour, supply))
        assert verdict.violations == ()
        total += verdict.matched_wh
    assert total == 118_852_094


def test_by_the_year_everything_is_matched(demands, turbine):
    by_hour = {(1, s): sum(d.amount_wh for d in hour) for s, hour in demands.items()}
    supply = {(1, s): share_of(wh, 46_300) for s, wh in turbine.items()}
    assert sum(supply.values()) == 262_216_744
    assert matched_by_period(by_hour, supply) == 262_134_364
