"""Money at an assumed price: exact, and never less than it would be."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.gap_cost import CURRENCIES, Price, cost, read_price
from charging.errors import UnusablePrice

prices = st.decimals(min_value=0, max_value=9_999_999, places=4)
amounts = st.integers(0, 10**15)


@pytest.mark.parametrize(
    ("text", "value"),
    [("12.50", "12.50"), (" 12,5 ", "12.5"), ("0", "0"), ("9999999.9999", "9999999.9999")],
)
def test_a_price_is_read_with_a_point_or_a_comma(text, value):
    assert read_price(text, "GBP") == Price(Decimal(value), "GBP")


@pytest.mark.parametrize(
    "text", ["", "-1", "1e3", "1.23456", "12345678", "1,000.00", "NaN", "x" * 999, "१२"]
)
def test_what_is_no_price_is_refused_with_what_to_write(text):
    with pytest.raises(UnusablePrice, match=r"Write one like 12\.50"):
        read_price(text, "EUR")


def test_an_unknown_currency_is_refused_with_those_there_are():
    with pytest.raises(UnusablePrice, match="EUR, GBP"):
        read_price("1", "XXX")


def test_a_watt_hour_costs_at_least_a_cent_and_nothing_costs_nothing():
    price = Price(Decimal("12.50"), "EUR")
    assert cost(1, price) == Decimal("0.01")
    assert cost(0, price) == Decimal("0.00")
    assert cost(2_000_000, price) == Decimal("25.00")
    assert cost(1_800, price) == Decimal("0.03")


@given(prices, amounts)
def test_money_is_rounded_up_by_less_than_a_cent(per_mwh, amount):
    money = cost(amount, Price(per_mwh, CURRENCIES[0]))
    exact = Decimal(amount) * per_mwh / 1_000_000
    assert 0 <= money - exact < Decimal("0.01")
    assert money == money.quantize(Decimal("0.01"))


@given(prices, amounts, amounts)
def test_parts_never_cost_less_than_the_whole(per_mwh, one, other):
    price = Price(per_mwh, "EUR")
    assert cost(one, price) + cost(other, price) >= cost(one + other, price)
