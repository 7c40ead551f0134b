"""CDRs with signed meter values and charging periods: the best evidence wins, once."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from charging.models import Session, SignedRecord
from charging.services.meter_keys import NewKey, register
from tests.charging.api.ocpi.conftest import NOW, cdr, credit, session
from tests.charging.domain.meters.made import Meter, reading

METER = Meter(serial="M-1")
START = datetime(2015, 6, 29, 21, 39, 9, tzinfo=UTC)
END = datetime(2015, 6, 29, 23, 37, 32, tzinfo=UTC)


@pytest.fixture
def key(company):
    return register(owner=company, key=NewKey("M-1", METER.public_key), actor="test", now=NOW)


def stamp(at):
    return at.strftime("%Y-%m-%dT%H:%M:%S,000+0000 S")


def signed(*readings, meter=METER, **fields):
    record = meter.ocmf(list(readings), **fields).encode()
    value = {"nature": "End", "plain_data": "", "signed_data": base64.b64encode(record).decode()}
    return {"encoding_method": "OCMF", "signed_values": [value]}


def whole(end=15.3411, **fields):
    return signed(reading("B", 0.0, stamp(START)), reading("E", end, stamp(END)), **fields)


def on_the_way():
    """Ten kWh by eleven at night, the rest in the last half hour; a value every ten minutes."""
    points = [reading("B", 100, stamp(START))]
    at = START
    while (at := at + timedelta(minutes=10)) < END:
        points.append(reading("C", 100 if at.hour < 23 else 110, stamp(at)))
    return signed(*points, reading("E", 115, stamp(END)))


def hours(row):
    return list(row.hours.order_by("starts_at").values_list("energy_wh", "method"))


def test_a_vouched_signature_gives_the_energy_rounded_up(peer, key):
    assert peer("post", "cdrs", cdr(signed_data=whole())).status_code == 201
    row = Session.objects.get()
    assert (row.energy_evidence, row.energy_wh) == ("signed", 15_342)
    assert row.raw_energy == "15341.1000 Wh, signed"
    assert SignedRecord.objects.get().session == row
    assert {method for _, method in hours(row)} == {"uniform"}


def test_values_signed_on_the_way_put_the_energy_into_its_hours(peer, key):
    peer("post", "cdrs", cdr(total_energy=15, signed_data=on_the_way()))
    row = Session.objects.get()
    assert (row.energy_evidence, row.timing_evidence) == ("signed", "signed")
    parts = hours(row)
    assert sum(wh for wh, _ in parts) == row.energy_wh == 15_000
    assert {method for _, method in parts} == {"signed"}
    assert parts[-1][0] > 14_000  # nothing was taken before eleven


@pytest.mark.parametrize(
    "data",
    [
        whole(meter=Meter(seed=9, serial="M-1")),
        whole(meter=Meter(serial="M-2")),
        signed(reading("B", 0, stamp(START - timedelta(days=1))), reading("E", 9, stamp(END))),
        whole(end=0.0),
    ],
    ids=["wrong key", "unknown meter", "another time", "nothing taken"],
)
def test_what_proves_nothing_leaves_the_operator_s_statement(peer, key, data):
    assert peer("post", "cdrs", cdr(signed_data=data)).status_code == 201
    row = Session.objects.get()
    assert (row.energy_evidence, row.energy_wh) == ("statement", 15_342)
    assert not SignedRecord.objects.exists()


def test_one_signed_value_proves_one_charge(peer, key):
    peer("post", "cdrs", cdr(signed_data=whole()))
    later = "2015-06-29T21:39:10Z"
    again = cdr("C2", session_id="S2", start_date_time=later, signed_data=whole())
    peer("post", "cdrs", again)
    evidence = dict(Session.objects.values_list("uid", "energy_evidence"))
    assert evidence == {"S1": "signed", "S2": "statement"}


def test_after_a_credit_the_same_charge_is_proven_by_the_same_value(peer, key):
    peer("post", "cdrs", cdr(signed_data=whole()))
    peer("post", "cdrs", credit("C1", "C1-credit"))
    peer("post", "cdrs", cdr("C2", signed_data=whole()))
    standing = Session.objects.get(voided_at__isnull=True)
    assert (standing.energy_evidence, SignedRecord.objects.count()) == ("signed", 1)


def periods(*volumes, kind="ENERGY"):
    starts = ("21:39:09", "22:00:00", "23:00:00")
    return [
        {
            "start_date_time": f"2015-06-29T{start}Z",
            "dimensions": [{"type": kind, "volume": volume}],
        }
        for start, volume in zip(starts, volumes, strict=True)
    ]


def test_charging_periods_put_their_energy_into_their_hours(peer):
    peer("post", "cdrs", cdr(charging_periods=periods(1.342, 0, 14)))
    row = Session.objects.get()
    assert (row.energy_evidence, row.timing_evidence) == ("statement", "periods")
    assert hours(row) == [(1_342, "periods"), (14_000, "periods")]


def test_periods_of_another_amount_are_not_believed(peer):
    peer("post", "cdrs", cdr(charging_periods=periods(1, 0, 1)))
    assert Session.objects.get().timing_evidence == "uniform"


def test_a_cdr_is_spread_by_the_periods_that_its_session_told(peer):
    made = session(kwh=15.342, charging_periods=periods(1.342, 0, 14))
    peer("put", "sessions/BE/BEC/S1", made)
    peer("post", "cdrs", cdr())
    assert Session.objects.get().timing_evidence == "periods"
