"""Instants read as text are the same instants."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.models import Receipt
from charging.queries.instants import as_text, instant
from tests.charging.plant import charge
from tests.charging.services.matching.test_runs import A

MOMENTS = [
    datetime(2018, 3, 25, 1, tzinfo=UTC),
    datetime(2018, 10, 28, 0, 59, 59, 999999, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2026, 2, 28, 23, 59, 59, 120000, tzinfo=UTC),
]


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_database_s_text_is_the_instant(company, great_britain, now, moment):
    charge(company, [A], now)
    Receipt.objects.update(opened_at=moment)
    (text,) = Receipt.objects.values_list(as_text("opened_at"), flat=True)
    assert instant(text) == moment
    assert instant(text).tzinfo is UTC


@given(st.datetimes(), st.integers(-14, 14))
def test_whatever_zone_the_text_names(moment, hours):
    aware = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    if datetime(2, 1, 1) < moment < datetime(9998, 1, 1):  # noqa: DTZ001
        assert instant(aware.isoformat(" ")) == aware
        assert instant(moment.isoformat(" ")) == moment.replace(tzinfo=UTC)


def test_what_is_no_instant_is_an_error():
    with pytest.raises(ValueError, match="isoformat"):
        instant("yesterday")
