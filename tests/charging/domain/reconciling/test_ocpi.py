"""Facts out of OCPI's objects, and a whole charge reconciled from them."""

import contextlib
import json
from base64 import b64encode
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.meters.key_registry import KeyRegistry, MeterKey
from charging.domain.meters.keys import read_public_key
from charging.domain.reconciling import ocpi
from charging.domain.reconciling.charge import Evidence, reconcile
from charging.domain.reconciling.facts import Place
from charging.domain.reconciling.findings import Code
from charging.domain.tariff.records import rate_cdr
from charging.errors import InvalidCharge
from tests.charging.domain.meters.made import Meter, charge
from tests.charging.domain.tariff.made import STEP_SIZE

METER = Meter()
KEYS = KeyRegistry([MeterKey("M-1", read_public_key(METER.public_key))])
PRICE = {"type": "ENERGY", "price": Decimal("0.40"), "vat": Decimal(19), "step_size": 1}


def example(name):
    return json.loads(STEP_SIZE.with_name(name).read_text(), parse_float=Decimal)


def a_cdr(**fields):
    record = b64encode(METER.ocmf(charge()).encode()).decode()
    dimensions = [
        {"type": "ENERGY", "volume": Decimal("11.25")},
        {"type": "TIME", "volume": Decimal(1)},
    ]
    return {
        "id": "C1",
        "start_date_time": "2026-03-01T10:00:00Z",
        "end_date_time": "2026-03-01T11:00:00Z",
        "cdr_token": {"uid": "04A1"},
        "cdr_location": {"evse_uid": "E1", "connector_id": "1"},
        "currency": "EUR",
        "tariffs": [{"id": "T", "currency": "EUR", "elements": [{"price_components": [PRICE]}]}],
        "charging_periods": [{"start_date_time": "2026-03-01T10:00:00Z", "dimensions": dimensions}],
        "signed_data": {
            "encoding_method": "OCMF",
            "signed_values": [{"nature": "End", "plain_data": "", "signed_data": record}],
        },
        "total_cost": {"excl_vat": Decimal("4.50"), "incl_vat": Decimal("5.36")},
        "total_energy": Decimal("11.25"),
        "total_time": Decimal(1),
    } | fields


def evidence(cdr, session=None):
    return Evidence(
        session=ocpi.of_session(session) if session else None,
        cdr=ocpi.of_cdr(cdr),
        meter=ocpi.of_signed_data(cdr, KEYS),
        rated=ocpi.of_rating(rate_cdr(cdr, "Europe/Berlin")),
        max_power_w=22_000,
    )


def a_session(**fields):
    return {
        "id": "S1",
        "start_date_time": "2026-03-01T10:00:00Z",
        "end_date_time": "2026-03-01T11:00:00Z",
        "kwh": Decimal("11.25"),
        "evse_uid": "E1",
        "connector_id": "1",
        "currency": "EUR",
    } | fields


def test_a_charge_whose_four_sources_agree_has_no_findings():
    found = evidence(a_cdr(), a_session())
    assert found.meter.is_proven
    assert reconcile(found) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"total_energy": Decimal("12.25")}, Code.ENERGY),
        ({"total_energy": Decimal(11_250)}, Code.UNIT),
        ({"total_time": Decimal(2)}, Code.TIME),
        ({"total_cost": {"excl_vat": Decimal(9)}}, Code.COST),
        ({"currency": "SEK"}, Code.COST),
    ],
)
def test_one_changed_field_of_the_cdr_is_found(fields, code):
    assert code in {each.code for each in reconcile(evidence(a_cdr(**fields), a_session()))}


def test_the_cdr_of_the_specification_costs_what_it_says():
    cdr = example("cdr_example.json")
    found = Evidence(cdr=ocpi.of_cdr(cdr), rated=ocpi.of_rating(rate_cdr(cdr, "Europe/Brussels")))
    assert found.rated.cost_incl == Decimal("4.40")
    assert reconcile(found) == []


def test_the_session_of_the_specification_has_wh_in_a_field_of_kwh():
    [found] = reconcile(
        Evidence(session=ocpi.of_session(example("session_example_2_short_finished.json")))
    )
    assert found.code == Code.UNIT


def test_a_credit_cdr_costs_what_it_credits():
    negative = {"excl_vat": Decimal("-4.50"), "incl_vat": Decimal("-5.36")}
    assert reconcile(evidence(a_cdr(credit=True, total_cost=negative))) == []


def test_taxes_of_2_3_0_are_added():
    cost = {
        "before_taxes": Decimal("4.50"),
        "taxes": [{"name": "VAT", "amount": Decimal("0.86")}],
    }
    assert ocpi.of_cdr(a_cdr(total_cost=cost)).cost_incl == Decimal("5.36")
    assert reconcile(evidence(a_cdr(total_cost=cost))) == []


def test_energy_rounds_up_to_whole_wh():
    found = ocpi.of_session(a_session(kwh=Decimal("1.0001")))
    assert found.energy_wh == 1001
    assert found.place == Place("E1", "1")


def test_a_cdr_without_signed_values_has_none():
    assert ocpi.of_signed_data(a_cdr(signed_data=None), KEYS) is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"start_date_time": None}, "no start_date_time"),
        ({"start_date_time": "soon"}, "start_date_time cannot be read"),
        ({"total_energy": 11.25}, "total_energy"),
        ({"total_energy": "11"}, "total_energy"),
        ({"total_cost": {"excl_vat": "4"}}, "excl_vat"),
    ],
)
def test_a_field_that_cannot_be_read_is_named(fields, words):
    with pytest.raises(InvalidCharge, match=words):
        ocpi.of_cdr(a_cdr(**fields))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "volume", "dimensions", "taxes", "amount", "excl_vat"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from(sorted(a_cdr())), VALUES)
def test_any_value_in_any_field_is_read_or_refused(name, value):
    with contextlib.suppress(InvalidCharge):
        assert ocpi.of_cdr(a_cdr(**{name: value})).started_at
    ocpi.of_signed_data(a_cdr(**{name: value}), KEYS)
