"""EDL40: real records verify, one changed bit is found, and what is unreadable is named.

The real records are those of the S.A.F.E. transparency software (Apache-2.0).
"""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.meters.carried import Carried
from charging.domain.meters.key_registry import KeyRegistry, MeterKey
from charging.domain.meters.keys import PublicKey, read_public_key
from charging.domain.meters.verification import verify, verify_message
from tests.charging.domain.meters.made import Meter, edl40

REAL = json.loads((Path(__file__).parent / "edl40_records.json").read_text())
RECORDS = [bytes.fromhex(text) for text in REAL["records"]]
NAME = "09014553591103956940"
METER = Meter("secp192r1")
KEYS = KeyRegistry([MeterKey(NAME, PublicKey(METER.curve, METER.point))])
REAL_KEYS = KeyRegistry([MeterKey(NAME, read_public_key(REAL["key"], METER.curve))])
BEGIN = edl40(METER)
END = edl40(METER, value=13_277, unix=1_772_362_800, page=34)


def judged(*records, keys=KEYS):
    return verify([Carried(record) for record in records], keys)


def codes(verdict):
    return {each.code for each in verdict.findings}


@pytest.mark.parametrize("record", RECORDS)
def test_a_real_record_is_valid_under_its_meters_key_and_no_other(record):
    assert judged(record, keys=REAL_KEYS).state == "valid"
    assert judged(record).state == "invalid"
    assert judged(record, keys=KeyRegistry()).state == "no_key"


def test_real_begin_and_end_tell_their_energy_and_that_the_clock_was_never_set():
    found = judged(*RECORDS[1:], keys=REAL_KEYS)
    (charge,) = found.charges
    assert str(charge.exact_wh) == "304.1"
    assert found.energy_wh == 305
    assert "no_time" in codes(found)
    assert not found.proves_energy


@given(st.sampled_from(RECORDS), st.integers(min_value=0), st.integers(0, 7))
def test_one_bit_changed_anywhere_never_makes_another_valid_record(record, place, bit):
    changed = bytearray(record)
    changed[place % len(record)] ^= 1 << bit
    found = judged(bytes(changed), keys=REAL_KEYS)
    if found.state == "valid":  # the bit was of the frame, which nobody signs
        assert found.records[0].record.payload == judged(record).records[0].record.payload


def test_begin_and_end_under_a_registered_key_prove_the_energy():
    found = judged(BEGIN, END)
    assert (found.state, found.energy_wh) == ("valid", 1_001)
    assert codes(found) == {"offset_not_signed"}
    assert found.proves_energy


def test_one_record_alone_has_no_begin_and_no_end():
    assert {"no_begin", "no_end"} <= codes(judged(BEGIN))
    assert judged(BEGIN).energy_wh is None


def test_the_order_in_which_they_come_says_which_is_which():
    assert "energy_falls" in codes(judged(END, BEGIN))
    between = edl40(METER, value=9_000, unix=1_772_361_000, page=34)
    end = edl40(METER, value=13_277, unix=1_772_362_800, page=35)
    assert judged(BEGIN, between, end).energy_wh == 1_001


@pytest.mark.parametrize("other", [{"contract": b"another"}, {"contract_set_at": 1517}])
def test_records_of_two_charges_are_not_put_together(other):
    found = judged(BEGIN, edl40(METER, value=13_277, unix=1_772_362_800, page=34, **other))
    assert found.energy_wh is None
    assert not found.proves_energy


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ({"page": 33}, "page_order"),
        ({"page": 32}, "page_order"),
        ({"log": b"\x07\x00"}, "events_between"),
    ],
)
def test_an_end_that_does_not_follow_its_begin_stands_against_the_energy(end, code):
    found = judged(BEGIN, edl40(METER, value=13_277, unix=1_772_362_800, **{"page": 34} | end))
    assert code in codes(found)
    assert not found.proves_energy


def test_pages_between_begin_and_end_may_be_missing_since_both_name_their_charge():
    assert judged(BEGIN, edl40(METER, value=13_277, unix=1_772_362_800, page=40)).proves_energy


def test_a_clock_ahead_of_utc_is_taken_back_to_the_instant():
    records = [
        edl40(METER, unix=1_772_359_200, ahead=120),
        edl40(METER, value=13_277, page=34, unix=1_772_362_800, ahead=120),
    ]
    (charge,) = judged(*records).charges
    assert charge.started_at.isoformat() == "2026-03-01T10:00:00+00:00"
    assert judged(*records).proves_energy


def test_a_clock_further_from_utc_than_any_place_is_malformed():
    assert judged(edl40(METER, ahead=15 * 60)).state == "malformed"


@pytest.mark.parametrize(
    "told",
    [{"value": 3_276}, {"unix": 1}, {"page": 34}, {"contract": b"x"}, {"scale": 0}, {"unit": 31}],
)
def test_what_was_changed_after_signing_is_invalid(told):
    assert judged(_altered(told)).state == "invalid"


def _altered(told):
    name, value = next(iter(told.items()))
    plain = {
        "value": ((3_275).to_bytes(8), value.to_bytes(8) if name == "value" else b""),
        "unix": ((1_772_359_200).to_bytes(4), (1).to_bytes(4)),
        "page": (b"\x65" + (33).to_bytes(4), b"\x65" + (34).to_bytes(4)),
        "contract": (b"62487887", b"62487888"),
        "scale": (b"\x62\x1e\x52\xff", b"\x62\x1e\x52\x00"),
        "unit": (b"\x62\x1e\x52", b"\x62\x1f\x52"),
    }
    old, new = plain[name]
    assert BEGIN.count(old) == 1
    return BEGIN.replace(old, new)


@pytest.mark.parametrize(
    ("record", "state"),
    [
        (BEGIN[:-6], "malformed"),
        (BEGIN[:60], "malformed"),
        (BEGIN[:8], "malformed"),
        (BEGIN[:8] + b"\x1b" * 4 + b"\x1a\x00\x00\x00", "malformed"),
        (BEGIN + b"x" * 9_000, "malformed"),
        (
            BEGIN.replace(bytes.fromhex("8180817101ff"), bytes.fromhex("8180817102ff")),
            "unsupported",
        ),
        (
            BEGIN.replace(
                bytes.fromhex("0b09014553591103956940"), bytes.fromhex("0a090145535911039569")
            ),
            "malformed",
        ),
        (BEGIN[:8] + b"\x7f" * 400 + BEGIN[-8:], "malformed"),
        (BEGIN[:8] + b"\xff" * 40 + BEGIN[-8:], "malformed"),
    ],
)
def test_what_is_no_whole_record_is_named(record, state):
    found = judged(record)
    assert found.state == state
    assert found.findings[0].sentence


@given(st.binary(max_size=400))
def test_any_bytes_in_a_frame_have_a_verdict_and_prove_nothing(data):
    found = judged(BEGIN[:8] + data + BEGIN[-8:])
    assert found.state in ("malformed", "unsupported", "invalid", "no_key")


def test_it_comes_in_every_carrier():
    packed = [base64.b64encode(record).decode() for record in (BEGIN, END)]
    ocpi = {
        "signed_data": {
            "encoding_method": "EDL40 E-Mobility Extension",
            "signed_values": [
                {"nature": nature, "plain_data": "", "signed_data": data}
                for nature, data in zip(("Start", "End"), packed, strict=True)
            ],
        }
    }
    ocpp = {
        "meterValue": [
            {"sampledValue": [{"value": 1, "signedMeterValue": {"signedMeterData": data}}]}
            for data in packed
        ]
    }
    values = "".join(
        f"<value><signedData encoding='plain'>{record.hex(' ')}</signedData></value>"
        for record in (BEGIN, END)
    )
    for message in (json.dumps(ocpi), json.dumps(ocpp), f"<values>{values}</values>"):
        assert verify_message(message.encode(), KEYS).proves_energy
    for text in (BEGIN, BEGIN.hex().encode(), BEGIN.hex(" ").encode(), packed[0].encode()):
        assert verify_message(text, KEYS).state == "valid"
