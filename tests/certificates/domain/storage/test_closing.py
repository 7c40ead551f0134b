"""What comes back of a charge: by a fixed method, less the losses, never more than went in."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.storage.closing import Closing, Outflow, Pot, close
from certificates.domain.storage.terms import FIFO, LIFO, METHODS, WEIGHTED
from certificates.errors import StorageUnbalanced

DAY = datetime(2018, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hour(n: int) -> tuple[datetime, datetime]:
    return DAY + n * HOUR, DAY + (n + 1) * HOUR


def settled(method: str, pots, flows, stored=0) -> Closing:
    """Pots are (hour, Wh, origin), flows (hour, Wh)."""
    return close(
        [Pot(n, hour(h), wh, origin) for n, (h, wh, origin) in enumerate(pots)],
        [Outflow(n, hour(h), wh) for n, (h, wh) in enumerate(flows)],
        method=method,
        stored_wh=stored,
    )


def given_by_pot(closing: Closing) -> dict[int, int]:
    return {pot.key: pot.given_wh for pot in closing.pots if pot.given_wh}


def test_half_of_what_was_charged_comes_back_where_half_is_lost():
    closing = settled(FIFO, [(0, 1000, 7)], [(1, 500)])
    assert [(part.drawn_wh, part.given_wh) for part in closing.parts] == [(1000, 500)]


def test_first_in_first_out_gives_back_the_oldest_charge():
    closing = settled(FIFO, [(0, 100, 1), (1, 100, 2)], [(2, 100)], stored=100)
    assert given_by_pot(closing) == {0: 100}
    assert closing.pots[1].left_wh == 100


def test_last_in_first_out_gives_back_the_newest_charge_that_had_ended():
    closing = settled(LIFO, [(0, 100, 1), (1, 100, 2), (2, 100, 3)], [(2, 100)], stored=200)
    assert given_by_pot(closing) == {1: 100}


def test_weighted_gives_back_of_every_charge_in_proportion():
    closing = settled(WEIGHTED, [(0, 300, 1), (1, 100, 2)], [(2, 200)], stored=200)
    assert given_by_pot(closing) == {0: 150, 1: 50}


def test_what_nothing_was_retired_for_comes_out_without_a_certificate():
    closing = settled(FIFO, [(0, 600, 1), (0, 400, None)], [(1, 500)], stored=500)
    assert closing.given_wh == 300
    assert [pot.left_wh for pot in closing.pots] == [300, 200]


def test_a_discharge_gives_nothing_back_of_a_charge_of_its_own_hour_or_later():
    closing = settled(FIFO, [(0, 10, 1), (1, 500, 2)], [(1, 100)], stored=410)
    assert given_by_pot(closing) == {0: 10}
    # What was not drawn is in neither the store nor a certificate: it is lost.
    assert closing.pots[1].lost_wh == 90


def test_a_loss_is_rounded_away_once_for_each_origin_of_a_discharge():
    closing = settled(FIFO, [(0, 5, 1), (1, 5, 1), (2, 5, 1)], [(3, 10)])
    assert closing.given_wh == 10
    apart = settled(FIFO, [(0, 5, 1), (1, 5, 2), (2, 5, 3)], [(3, 10)])
    assert apart.given_wh == 9


def test_more_out_than_in_is_refused_with_both_sums():
    with pytest.raises(StorageUnbalanced, match=r"900 Wh came out and 200 Wh .* only 1000 Wh"):
        settled(FIFO, [(0, 1000, 1)], [(1, 900)], stored=200)


def test_more_out_than_was_in_at_the_time_is_refused_naming_when():
    with pytest.raises(StorageUnbalanced, match="By 2018-01-01 02:00 UTC 900 Wh"):
        settled(FIFO, [(0, 100, 1), (5, 1000, 1)], [(1, 900)])


def test_an_interval_without_discharge_loses_what_is_not_stored():
    closing = settled(FIFO, [(0, 100, 1), (1, 300, None)], [], stored=200)
    assert [pot.lost_wh for pot in closing.pots] == [50, 150]
    assert not closing.parts


@pytest.mark.parametrize("stored", [0, 100])
def test_nothing_gone_and_nothing_out_is_an_empty_closing(stored):
    pots = [(0, stored, 1)] if stored else []
    assert settled(WEIGHTED, pots, [], stored=stored).given_wh == 0


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="no method"):
        settled("best", [(0, 10, 1)], [(1, 5)])


@st.composite
def runs(draw):
    """Charges and discharges that could be: nothing comes out that is not there."""
    flows: list[tuple[int, int]] = []
    pots: list[tuple[int, int, int | None]] = []
    level = 0
    for n in range(draw(st.integers(1, 14))):
        if level and draw(st.booleans()):
            wh = draw(st.integers(1, level))
            flows.append((n, wh))
            level -= wh
        for _ in range(draw(st.integers(0, 2))):
            wh = draw(st.integers(1, 3000))
            pots.append((n, wh, draw(st.sampled_from([None, 1, 2, 3]))))
            level += wh
    return draw(st.sampled_from(sorted(METHODS))), pots, flows, draw(st.integers(0, level))


@given(runs())
def test_nothing_comes_out_that_did_not_go_in(run):
    method, pots, flows, stored = run
    closing = settled(method, pots, flows, stored)
    for pot in closing.pots:
        assert pot.amount_wh == pot.drawn_wh + pot.lost_wh + pot.left_wh
        assert 0 <= pot.given_wh <= pot.drawn_wh
        assert pot.left_wh >= 0 <= pot.lost_wh
        assert pot.origin is not None or not pot.given_wh
    out: dict[int, int] = defaultdict(int)
    drawn: dict[int, int] = defaultdict(int)
    for part in closing.parts:
        out[part.outflow] += part.given_wh
        drawn[part.pot] += part.drawn_wh
        assert 0 <= part.given_wh <= part.drawn_wh
        assert hour(pots[part.pot][0])[1] <= hour(flows[part.outflow][0])[0]
    assert all(out[n] <= wh for n, (_, wh) in enumerate(flows))
    known = [pot for pot in closing.pots if pot.origin is not None]
    assert all(drawn[pot.key] == pot.drawn_wh for pot in known)
    assert sum(pot.left_wh for pot in closing.pots) == stored
    assert closing.given_wh <= closing.output_wh


@given(runs())
def test_each_method_takes_as_the_plain_queue_does(run):
    """Against a queue of single Wh, which knows nothing of proportions between origins."""
    method, pots, flows, stored = run
    if method == WEIGHTED:
        return
    merged: dict[int, int] = defaultdict(int)
    for n, wh, _ in pots:
        merged[n] += wh
    closing = settled(method, pots, flows, stored)
    gone, output = closing.gone_wh, closing.output_wh
    taken: dict[int, int] = defaultdict(int)
    goal = before = 0
    for n, wh in flows:
        before += wh
        wanted, goal = gone * before // output - goal, gone * before // output
        ready = sorted((h for h in merged if h < n), reverse=method == LIFO)
        for h in ready:
            part = min(wanted, merged[h])
            merged[h] -= part
            taken[h] += part
            wanted -= part
    for n in merged:
        assert sum(pot.drawn_wh for pot in closing.pots if pot.charged == hour(n)) == taken[n]


@given(runs())
def test_the_order_in_which_records_come_changes_nothing(run):
    method, pots, flows, stored = run
    one = close(
        [Pot(n, hour(h), wh, o) for n, (h, wh, o) in enumerate(pots)],
        [Outflow(n, hour(h), wh) for n, (h, wh) in enumerate(flows)],
        method=method,
        stored_wh=stored,
    )
    other = close(
        reversed([Pot(n, hour(h), wh, o) for n, (h, wh, o) in enumerate(pots)]),
        reversed([Outflow(n, hour(h), wh) for n, (h, wh) in enumerate(flows)]),
        method=method,
        stored_wh=stored,
    )
    assert one.parts == other.parts
