"""Columns of lots say what each lot would say."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.lot_columns import Given, LotColumns
from certificates.domain.lot_facts import instant, interval_facts

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
minutes = st.integers(0, 60_000_000)  # into the year 2084
wh = st.integers(0, 10**15)


@given(st.lists(st.tuples(minutes, st.integers(1, 1_440), wh, st.text()), min_size=1, max_size=4))
def test_facts_are_those_of_each_lot(rows):
    starts, lengths, amounts, files = map(list, zip(*rows, strict=True))
    qualities = ["measured"] * len(rows)
    lots = LotColumns(starts, lengths, [0] * len(rows), amounts, qualities, files)
    columns = lots.facts()
    for n, (minute, length, amount, file) in enumerate(rows):
        at = EPOCH + timedelta(minutes=minute)
        assert lots.starts()[n] == instant(at)
        assert {name: column[n] for name, column in columns.items()} == interval_facts(
            starts_at=at,
            length_minutes=length,
            amount_wh=amount,
            quality="measured",
            file_sha256=file,
        )


lots = st.lists(st.dictionaries(st.integers(1, 4), st.integers(1, 10**15)), min_size=1, max_size=5)


@given(lots)
def test_what_accounts_get_is_told_alike_lot_by_lot_and_account_by_account(by_lot):
    accounts = sorted({account for each in by_lot for account in each})
    columns = {who: np.array([each.get(who, 0) for each in by_lot]) for who in [*accounts, 9]}
    of_all, of_each = Given.of_all(columns), Given.of_each(by_lot)
    assert (
        parts(of_all)
        == parts(of_each)
        == {(n, who, amount) for n, each in enumerate(by_lot) for who, amount in each.items()}
    )
    assert of_all.lots.tolist() == of_each.lots.tolist() == sorted(of_each.lots.tolist())


def parts(given_: Given) -> set:
    columns = (given_.lots, given_.accounts, given_.amounts)
    return set(zip(*(column.tolist() for column in columns), strict=True))


def test_days_are_those_of_lots_that_an_account_gets_something_of():
    last = 24 * 60 - 1
    given_ = Given.of_each([{7: 1}, {7: 1, 8: 2}, {8: 3}, {}])
    days = given_.days([0, last, last + 1, 5 * (last + 1)])
    assert days == {7: {date(1970, 1, 1)}, 8: {date(1970, 1, 1), date(1970, 1, 2)}}
