"""Alfen's records: made ones, since real ones come with one key only."""

import base64
from decimal import Decimal

import pytest

from charging.domain.meters.carried import Carried
from charging.domain.meters.key_registry import KeyRegistry, MeterKey
from charging.domain.meters.keys import PublicKey
from charging.domain.meters.verification import verify
from tests.charging.domain.meters.made import Meter

METER = Meter("secp192r1", serial="ALF0000001")
NAME = b"ALF0000001".hex()
KEYS = KeyRegistry([MeterKey(NAME, PublicKey(METER.curve, METER.point))])
BEGIN = METER.alfen(kind=0, value=15_762, page=17)
END = METER.alfen(kind=1, value=25_764, page=18, unix=1542989061)


def judged(*records, keys=KEYS):
    return verify([Carried(each.encode()) for each in records], keys)


def codes(verdict):
    return {each.code for each in verdict.findings}


def test_begin_and_end_under_a_registered_key_prove_the_energy():
    found = judged(BEGIN, END)
    assert found.proves_energy
    assert found.energy_wh == 10_002
    assert found.findings == ()


def test_the_key_inside_the_record_proves_nothing_by_itself():
    found = judged(BEGIN, END, keys=KeyRegistry())
    assert found.state == "valid"
    assert not found.proves_energy
    assert "key_from_message" in codes(found)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"session": 19}, "other_charge"),
        ({"page": 17}, "page_order"),
        ({"value": 15_000}, "energy_falls"),
        ({"unix": 1542980000}, "time_falls"),
        ({"status": 1 << 1}, "meter_not_good"),
        ({"status": 1 << 31}, "adapter_error"),
        ({"status": 1 << 26}, "begin_mismatch"),
        ({"unit": 27}, "no_unit"),
        ({"scale": 120}, "no_value"),
    ],
)
def test_a_rule_that_the_end_breaks_stands_against_the_energy(change, code):
    end = METER.alfen(**{"kind": 1, "value": 25_764, "page": 18, "unix": 1542989061} | change)
    found = judged(BEGIN, end)
    assert found.state == "valid"
    assert code in codes(found)
    assert not found.proves_energy


def test_a_begin_that_is_relabelled_as_an_end_is_the_same_record():
    """The type stands outside of what is signed."""
    found = judged(BEGIN, BEGIN.replace("AP;0;", "AP;1;"))
    assert {"repeated_record", "no_end"} <= codes(found)
    assert found.energy_wh is None


def test_a_scale_moves_the_point():
    first = METER.alfen(kind=0, value=100, scale=1)
    last = METER.alfen(kind=1, value=200_005, scale=-2, page=18)
    assert judged(first, last).exact_wh == Decimal("1000.05")


def test_padding_that_is_left_out_does_not_matter():
    assert judged(BEGIN.replace("=", ""), END.replace("=", "")).proves_energy


def test_one_bit_changed_in_the_data_is_invalid():
    parts = BEGIN.split(";")
    data = bytearray(base64.b32decode(parts[4]))
    data[47] ^= 1
    parts[4] = base64.b32encode(data).decode()
    assert judged(";".join(parts)).state == "invalid"


@pytest.mark.parametrize(
    "record",
    [
        "AP;",
        "AP;9;3;a;b;c;",
        BEGIN.replace("AP;0", "AP;3"),
        BEGIN[:-20],
        BEGIN + "more;",
        BEGIN.lower().replace("ap;", "AP;"),
        "AP;" + "A" * 5000,
        "AP;0;3;é;b;c;",
    ],
)
def test_what_is_no_record_is_malformed(record):
    assert judged(record).state == "malformed"
