"""Only what was made in a charge's interval is retired for it, and no Wh for two charges."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.storage.charging import Held, Open, fill, fits

DAY = datetime(2018, 1, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def span(n: int, quarters: int):
    start = DAY + n * quarters * QUARTER
    return start, start + quarters * QUARTER


def test_quarters_are_within_their_hour_and_an_hour_is_not_within_a_quarter():
    assert fits(span(1, 1), span(0, 4))
    assert not fits(span(0, 4), span(1, 1))
    assert not fits(span(4, 1), span(0, 4))


def test_a_charge_takes_in_the_order_of_time_until_it_is_full():
    held = [Held(1, span(0, 4), 300), Held(2, span(0, 4), 300)]
    uses = fill([Open(9, span(0, 4), 400)], held)
    assert [(use.asset, use.amount_wh) for use in uses] == [(1, 300), (2, 100)]


quarters = st.sampled_from([1, 2, 4])
spans = st.builds(span, st.integers(0, 5), quarters)


@given(
    st.lists(st.tuples(spans, st.integers(1, 900)), max_size=8, unique_by=lambda one: one[0][0]),
    st.lists(st.tuples(spans, st.integers(1, 900)), max_size=8),
)
def test_no_wh_is_used_twice_nor_outside_its_interval_and_no_charge_overfull(charges, held):
    opens = [Open(n, *one) for n, one in enumerate(charges)]
    have = [Held(n, *one) for n, one in enumerate(held)]
    by_asset: dict[int, int] = defaultdict(int)
    by_charge: dict[int, int] = defaultdict(int)
    for use in fill(opens, have):
        assert use.amount_wh > 0
        assert fits(have[use.asset].span, opens[use.charge].span)
        by_asset[use.asset] += use.amount_wh
        by_charge[use.charge] += use.amount_wh
    assert all(wh <= have[asset].amount_wh for asset, wh in by_asset.items())
    assert all(wh <= opens[charge].amount_wh for charge, wh in by_charge.items())
    # Nothing that fits is left while a charge has room for it.
    for one in have:
        for charge in opens:
            if fits(one.span, charge.span) and by_charge[charge.charge] < charge.amount_wh:
                assert by_asset[one.asset] == one.amount_wh
