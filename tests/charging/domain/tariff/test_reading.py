"""Tariffs and charging periods from OCPI's JSON, good and bad."""

import contextlib
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.tariff.periods import read_periods
from charging.domain.tariff.reading import read_instant, read_tariff
from charging.domain.tariff.records import rate_cdr
from charging.domain.tariff.tariff import TaxIncluded
from charging.errors import InvalidCharge, InvalidTariff
from tests.charging.domain.tariff.made import BERLIN, STEP_SIZE


def as_ocpi(text):
    return json.loads(text, parse_float=Decimal)


def a_tariff(**fields):
    return {
        "id": "T",
        "currency": "EUR",
        "elements": [
            {"price_components": [{"type": "ENERGY", "price": Decimal("0.25"), "step_size": 1}]}
        ],
    } | fields


def with_price(**fields):
    base = {"type": "ENERGY", "price": 1, "step_size": 1}
    return a_tariff(elements=[{"price_components": [base | fields]}])


def with_restriction(**fields):
    component = {"type": "ENERGY", "price": 1, "step_size": 1}
    return a_tariff(elements=[{"price_components": [component], "restrictions": fields}])


def test_the_specification_s_own_tariff_is_read():
    found = read_tariff(as_ocpi(STEP_SIZE.read_text()))
    assert (found.id, found.currency, len(found.elements)) == ("22", "EUR", 3)
    assert found.tax_included == TaxIncluded.NO


def test_fields_that_nobody_knows_are_left_alone():
    assert read_tariff(a_tariff(new_field={"a": 1}, type="HYBRID")).id == "T"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "tariff.elements is not a list"),
        (a_tariff(elements=[]), "1 to 200 elements"),
        (a_tariff(elements=[1]), r"elements\[0\] is not an object"),
        (a_tariff(elements=[{}]), r"elements\[0\].price_components is not a list"),
        (a_tariff(currency=None), "tariff.currency is missing"),
        (a_tariff(id=7), "tariff.id is missing"),
        (a_tariff(tax_included="MAYBE"), "YES, NO, N/A"),
        (a_tariff(min_price=5), "min_price is not an object"),
        (a_tariff(min_price={"excl_vat": 0.5}), "read as Decimal"),
        (a_tariff(start_date_time="soon"), "start_date_time"),
        (with_price(type="KWH"), r"price_components\[0\].type is 'KWH'"),
        (with_price(type=None), "type is missing"),
        (with_price(price=None), "price is missing"),
        (with_price(price=0.25), "read as Decimal"),
        (with_price(price=Decimal("NaN")), "too large"),
        (with_price(price=Decimal("1e30")), "too large"),
        (with_price(price=Decimal("1e-30")), "12 decimals"),
        (with_price(price=True), "number was expected"),
        (with_price(step_size=-1), "step_size"),
        (with_price(step_size=Decimal("1.5")), "step_size"),
        (with_price(vat=101), "percentage"),
        (with_restriction(start_time="24:00"), "HH:MM"),
        (with_restriction(start_time="7:30"), "HH:MM"),
        (with_restriction(end_date="31.12.2026"), "end_date"),
        (with_restriction(day_of_week=["Monday"]), "day_of_week"),
        (with_restriction(day_of_week="MONDAY"), "day_of_week"),
        (with_restriction(reservation="YES"), "RESERVATION"),
        (with_restriction(max_kwh="ten"), "max_kwh"),
    ],
)
def test_a_bad_tariff_names_the_field(fields, words):
    with pytest.raises(InvalidTariff, match=words):
        read_tariff(fields)


def dimensions(**volumes):
    return [{"type": name, "volume": volume} for name, volume in volumes.items()]


START = "2026-03-02T10:00:00Z"


def periods(*listed):
    return [
        {"start_date_time": start, "dimensions": dimensions(**volumes)} for start, volumes in listed
    ]


def test_hours_that_agree_with_the_clock_are_taken_from_it():
    ends_at = read_instant("2026-03-02T10:10:00")
    [read] = read_periods(periods((START, {"TIME": Decimal("0.1667")})), ends_at)
    assert read.charging_s == 600
    [read] = read_periods(periods((START, {"TIME": Decimal("0.1")})), ends_at)
    assert read.charging_s == 360


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ([], "1 to"),
        ([1], "Period 1: start_date_time"),
        (periods(("soon", {})), "Period 1: start_date_time"),
        ([{"start_date_time": START}], "dimensions is not a list"),
        ([{"start_date_time": START, "dimensions": [{}]}], "no type"),
        ([{"start_date_time": START, "dimensions": dimensions(TIME=1) * 2}], "comes twice"),
        (periods((START, {"TIME": 0.5})), "volume of TIME"),
        (periods((START, {"TIME": -1})), "negative duration"),
        (periods((START, {}), ("2026-03-02T09:00:00Z", {})), "ends before"),
        (periods(("2026-03-02T12:00:00Z", {})), "ends before"),
    ],
)
def test_bad_periods_name_the_period(listed, words):
    with pytest.raises(InvalidCharge, match=words):
        read_periods(listed, read_instant("2026-03-02T11:00:00Z"))


def a_cdr(**fields):
    listed = periods(
        (START, {"ENERGY": Decimal("12.5"), "TIME": Decimal("0.5"), "SOC": 50}),
        ("2026-03-02T10:30:00Z", {"PARKING_TIME": Decimal("0.5")}),
    )
    return {
        "end_date_time": "2026-03-02T11:00:00Z",
        "tariffs": [a_tariff()],
        "charging_periods": listed,
    } | fields


def test_a_cdr_is_priced_by_its_own_tariff():
    assert rate_cdr(a_cdr(), BERLIN).total_excl == Decimal("3.125")


def test_a_cdr_is_priced_by_another_tariff_when_asked():
    assert rate_cdr(a_cdr(), BERLIN, [with_price(price=2)]).total_excl == 25


def test_periods_name_their_tariff():
    cdr = a_cdr(tariffs=[a_tariff(), with_price(price=9) | {"id": "U"}])
    cdr["charging_periods"][0]["tariff_id"] = "U"
    assert rate_cdr(cdr, BERLIN).total_excl == Decimal("112.5")


@pytest.mark.parametrize(
    "fields",
    [
        {"tariffs": None},
        {"tariffs": []},
        {"tariffs": [1]},
        {"charging_periods": None},
        {"end_date_time": None},
        {"end_date_time": "1970"},
        {"end_date_time": "9999-12-31T23:59:59Z"},
        {"end_date_time": "0001-01-01T00:00:00+05:00"},
    ],
)
def test_a_cdr_that_cannot_be_priced_says_why(fields):
    with pytest.raises(InvalidCharge):
        rate_cdr(a_cdr(**fields), BERLIN)


@pytest.mark.parametrize("name", ["id", "tax_included", "start_date_time", "elements"])
def test_a_field_may_be_as_deep_as_json_goes(name):
    for depth in (5, 500, 900):
        deep = json.loads("[" * depth + "]" * depth)
        with pytest.raises(InvalidTariff) as refusal:
            read_tariff(a_tariff(**{name: deep}))
        assert len(str(refusal.value)) < 200


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                (
                    "id currency elements price_components restrictions type price step_size vat "
                    "min_price excl_vat start_time end_date max_kwh charging_periods dimensions "
                    "volume start_date_time end_date_time tariffs tariff_id"
                ).split()
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@given(st.dictionaries(st.sampled_from(["tariffs", "charging_periods", "end_date_time"]), VALUES))
def test_any_json_is_priced_or_refused(fields):
    with contextlib.suppress(InvalidCharge, InvalidTariff):
        assert rate_cdr(a_cdr(**fields), BERLIN).currency
