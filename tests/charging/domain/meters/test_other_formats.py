"""ISA-EDL40, Mennekes' XML and PCDF under registered keys: what proves, and what does not."""

import json
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.meters.carried import Carried
from charging.domain.meters.key_registry import KeyRegistry, MeterKey
from charging.domain.meters.keys import PublicKey
from charging.domain.meters.verification import verify, verify_message
from tests.charging.domain.meters.made import Meter
from tests.charging.domain.meters.made_formats import LATER, SERVER, START, isa, mennekes, pcdf

SMALL, METER = Meter("secp192r1"), Meter()
KEYS = KeyRegistry(
    [
        MeterKey(SERVER.hex(), PublicKey(SMALL.curve, SMALL.point)),
        MeterKey("09014953410000000001", PublicKey(METER.curve, METER.point)),
        MeterKey("12345678901", PublicKey(METER.curve, METER.point)),
    ]
)
PROCESS, ISA, PCDF = mennekes(SMALL), isa(METER), pcdf(METER)
EVERY = {"Mennekes": PROCESS.encode(), "ISA-EDL40": ISA, "PCDF": PCDF.encode()}


def judged(data, keys=KEYS):
    return verify_message(data if isinstance(data, bytes) else data.encode(), keys)


def codes(verdict):
    return {each.code for each in verdict.findings}


@pytest.mark.parametrize("name", EVERY)
def test_a_whole_charge_under_a_registered_key_proves_its_energy_and_times(name):
    found = judged(EVERY[name])
    assert (found.state, found.energy_wh) == ("valid", 11_000)
    assert found.proves_energy
    (charge,) = found.charges
    assert charge.started_at.timestamp() == START
    assert charge.ended_at.timestamp() == LATER
    assert {each.record.format for each in found.records} == {name}


@pytest.mark.parametrize("name", EVERY)
def test_another_meters_key_and_no_key_prove_nothing(name):
    other = Meter("secp192r1" if name == "Mennekes" else "secp256r1", seed=9)
    key = PublicKey(other.curve, other.point)
    names = (SERVER.hex(), "09014953410000000001", "12345678901")
    assert judged(EVERY[name], KeyRegistry([MeterKey(each, key) for each in names])).state == (
        "invalid"
    )
    found = judged(EVERY[name], KeyRegistry())
    assert not found.proves_energy
    assert found.state == ("no_key" if name == "ISA-EDL40" else "valid")


@pytest.mark.parametrize("name", EVERY)
def test_a_key_on_another_curve_is_named(name):
    other = Meter("secp256k1", seed=9)
    key = PublicKey(other.curve, other.point)
    names = (SERVER.hex(), "09014953410000000001", "12345678901")
    found = judged(EVERY[name], KeyRegistry([MeterKey(each, key) for each in names]))
    assert (found.state, "wrong_curve" in codes(found)) == ("invalid", True)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"page": 25}, "page_order"),
        ({"page": 24}, "page_order"),
        ({"clock": START - 60}, "time_falls"),
        ({"value": 519_000}, "energy_falls"),
        ({"counter": 9}, "events_between"),
        ({"log": b"\0\x09"}, "events_between"),
    ],
)
def test_a_charging_process_whose_end_breaks_a_rule_proves_nothing(change, code):
    found = judged(mennekes(SMALL, **change))
    assert found.state == "valid"
    assert code in codes(found)
    assert not found.proves_energy


def test_pages_missing_in_a_charging_process_leave_no_room_for_another():
    assert judged(mennekes(SMALL, page=90)).proves_energy
    assert judged(mennekes(SMALL, log=b"\0\x08")).proves_energy


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("<ServerId>09", "<ServerId>", "10 bytes"),
        ("<ServerId>", "<ServerId>x", "ServerId of the signed value is not hex"),
        ("<Value>519116</Value>", "", "no Value"),
        ("<Value>519116", "<Value>519116.5", "no whole number"),
        ("<Value>519116", "<Value>99999999999999999999", "too large"),
        ("<Value>519116", "<Value>1</Value><Value>519116", "stands twice"),
        ("<Scaler>-1", "<Scaler>-999", "too large"),
        ("+02:00</Timestamp>", "</Timestamp>", "no offset"),
        ("+02:00</Timestamp>", "+23:00</Timestamp>", "further from UTC"),
        ("<Timestamp>2026", "<Timestamp>1826", "too large"),
        ("<Timestamp>2026", "<Timestamp>26", "is no time"),
        ("<CustomerIdent>", "<CustomerIdent>" + "00" * 130, "too long"),
        ("<Signature>", "<Signature>00", "neither 48 nor"),
    ],
)
def test_a_broken_charging_process_is_malformed_and_says_where(old, new, words):
    assert old in PROCESS
    found = judged(PROCESS.replace(old, new))
    assert found.state == "malformed"
    assert any(words in each.sentence for each in found.findings)
    assert not found.proves_energy


def test_bytes_that_an_isa_meter_signed_are_not_read_as_edl40():
    """Both sign 320 bytes by the same key, so that only the places tell them apart."""
    [one] = judged(ISA).records
    signature = b"".join(n.to_bytes(32) for n in (one.record.signature.r, one.record.signature.s))
    found = judged(
        "<signedMeterValue><meterValueSignature>"
        + b64encode(signature + b"\0\xa4").decode()
        + "</meterValueSignature><encodedMeterValue>"
        + b64encode(one.record.payload).decode()
        + "</encodedMeterValue></signedMeterValue>"
    )
    assert found.state == "malformed"
    assert "does not sign the register" in found.findings[0].sentence


def test_a_charging_process_without_measurements_is_not_lost():
    found = judged("<ChargingProcess><ServerId>00</ServerId></ChargingProcess>")
    assert found.state == "malformed"
    assert "begin" in found.findings[0].sentence


def test_begins_and_updates_beside_the_end_are_one_charge():
    begin = isa(METER, context=0, now=10_000, clock=START + 5, page=17)
    update = isa(METER, context=1, now=60_000, clock=START + 1800, page=20)
    found = verify([Carried(each) for each in (begin, update, ISA)], KEYS)
    assert len(found.charges) == 1
    assert found.energy_wh == 11_000
    assert found.proves_energy
    assert [reading.kind for reading in found.charges[0].readings] == [
        "begin",
        "between",
        "between",
        "end",
    ]
    alone = verify([Carried(begin), Carried(update)], KEYS)
    assert "no_end" in codes(alone)
    assert alone.energy_wh is None


def test_two_isa_charges_are_told_apart():
    other = isa(METER, begin=120_000, now=150_000, page=30)
    found = verify([Carried(ISA), Carried(other)], KEYS)
    assert len(found.charges) == 2
    assert found.energy_wh == 14_000


def test_a_list_that_isa_does_not_know_is_unsupported_by_name():
    found = judged(isa(METER, context=7))
    assert found.state == "unsupported"
    assert "81 80 81 62 07 ff" in found.findings[0].sentence


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"BV": "0"}, "not_for_billing"),
        ({"BV": ""}, "not_for_billing"),
        ({"SP": "0"}, "no_end"),
        ({"SP": "3"}, "no_end"),
        ({"RV": "11.000*kWh"}, "no_value"),
        ({"RV": "0011.000*Wh"}, "no_value"),
        ({"RV": "-011.000*kWh"}, "no_value"),
        ({"CT": "260301090000"}, "time_falls"),
        ({"CT": "261301090000"}, "no_time"),
        ({"ST": "26030110000"}, "no_time"),
    ],
)
def test_a_pcdf_record_that_says_against_itself_proves_nothing(fields, code):
    found = judged(pcdf(METER, **fields))
    assert found.state == "valid"
    assert code in codes(found)
    assert not found.proves_energy


def test_a_pcdf_clock_that_is_not_valid_is_noted():
    found = judged(pcdf(METER, TV="0"))
    assert "clock_not_synchronised" in codes(found)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("(HW:12345678901)", "", "no HW"),
        ("(TV:1)", "(TV:1)(TV:1)", "twice"),
        ("(TV:1)", "(TV:1) ", "nothing between"),
        ("(TV:1)", "(TV:(1))", "nothing between"),
        ("(PK:04", "(PK:05", "no point"),
        ("(SG:30", "(SG:31", "SG of a PCDF record cannot be read"),
        ("(SG:30", "(SG:x0", "not hex"),
        ("(SI:55*1*tx-1)", "(SI:55)", "SI of a PCDF"),
        ("(SG:", "(SH:", "SG the last"),
    ],
)
def test_a_broken_pcdf_record_is_malformed_and_says_where(old, new, words):
    found = judged(PCDF.replace(old, new))
    assert found.state == "malformed"
    assert words in found.findings[0].sentence


def test_a_field_after_the_signature_is_malformed():
    assert judged(PCDF + "(RV:0099.000*kWh)").state == "malformed"


def test_a_pcdf_record_may_be_framed_as_it_was_sent():
    for framed in (f"\x02{PCDF}\x03\x17", f"\x02{PCDF}\x03\r\n", f" {PCDF}\n"):
        assert judged(framed).proves_energy


@pytest.mark.parametrize("name", EVERY)
def test_every_carrier_brings_every_format(name):
    packed = b64encode(EVERY[name]).decode()
    ocpi = {"signed_data": {"signed_values": [{"nature": "End", "signed_data": packed}]}}
    ocpp = {"meterValue": [{"sampledValue": [{"signedMeterValue": {"signedMeterData": packed}}]}]}
    for message in (
        json.dumps(ocpi),
        json.dumps(ocpp),
        packed,
        EVERY[name].hex(),
        f"<values><value><signedData encoding='base64'>{packed}</signedData></value></values>",
    ):
        assert judged(message).proves_energy


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_the_energy_is_the_difference_of_what_was_signed(begin, more):
    end = begin + more
    assert judged(isa(METER, begin=begin, now=end)).exact_wh * 10 == more
    assert judged(mennekes(SMALL, begin=begin, end=end)).exact_wh * 10 == more


@given(st.integers(0, 9_999_999))
def test_the_energy_of_a_pcdf_record_is_what_it_says(wh):
    said = f"{wh // 1000:04}.{wh % 1000:03}*kWh"
    assert judged(pcdf(METER, RV=said)).energy_wh == wh
