"""OCMF records: what is read, what is refused, and that nothing but the exact bytes counts."""

import json

import pytest

from charging.domain.meters.carried import Carried
from charging.domain.meters.curves import CURVES
from charging.domain.meters.der import write_signature
from charging.domain.meters.key_registry import KeyRegistry, MeterKey
from charging.domain.meters.keys import read_public_key
from charging.domain.meters.verification import verify
from tests.charging.domain.meters.made import Meter, charge, reading

METER = Meter()
KEYS = KeyRegistry([MeterKey("M-1", read_public_key(METER.public_key), "City works")])


def judged(*records, keys=KEYS):
    return verify([Carried(each.encode()) for each in records], keys)


def codes(verdict):
    return {each.code for each in verdict.findings}


def test_a_whole_charge_under_a_registered_key_proves_its_energy():
    found = judged(METER.ocmf(charge()))
    assert found.state == "valid"
    assert found.findings == ()
    assert found.energy_wh == 11_250
    assert found.proves_energy
    assert found.records[0].key.owner == "City works"


@pytest.mark.parametrize("version", ["", "0.1", "0.5", "1.0", "1.1", "1.2", "1.3", "1.4"])
def test_every_format_version_is_read(version):
    assert judged(METER.ocmf(charge(), FV=version)).state == "valid"


@pytest.mark.parametrize("version", ["1.3.1", "1.4.0"])
def test_a_version_may_have_its_revision(version):
    found = judged(METER.ocmf(charge(), FV=version))
    assert found.proves_energy
    assert found.findings == ()
    assert found.records[0].record.version == version


@pytest.mark.parametrize("version", ["1.5", "1.10", "1.5.2"])
def test_a_newer_minor_version_adds_and_is_read_with_a_note(version):
    found = judged(METER.ocmf(charge(), FV=version, XX={"new": [1]}))
    assert found.proves_energy
    assert found.energy_wh == 11_250
    assert codes(found) == {"newer_version"}


def test_what_a_newer_version_may_say_of_a_reading_is_never_taken_for_good():
    readings = charge()
    readings[1] |= {"ST": "Q"}
    assert not judged(METER.ocmf(readings, FV="1.5")).proves_energy


@pytest.mark.parametrize("version", ["2.0", "2.0.1", "10.1"])
def test_a_format_that_has_changed_from_the_ground_up_is_unsupported(version):
    assert judged(METER.ocmf(charge(), FV=version)).state == "unsupported"


@pytest.mark.parametrize("version", ["one", "1", "1.", "1.4.0.0", "-1.0", "1.4 ", ["1.0"]])
def test_what_is_no_version_is_malformed_or_as_if_it_were_left_out(version):
    found = judged(METER.ocmf(charge(), FV=version))
    assert found.state == ("valid" if version in ("1.4 ", ["1.0"]) else "malformed")


@pytest.mark.parametrize("curve", sorted(CURVES))
def test_every_curve_verifies_and_refuses(curve):
    meter = Meter(curve)
    keys = KeyRegistry([MeterKey("M-1", read_public_key(meter.public_key))])
    whole = meter.ocmf(charge())
    assert judged(whole, keys=keys).state == "valid"
    assert judged(whole.replace("12.75", "12.76"), keys=keys).state == "invalid"


def test_one_blank_more_in_the_payload_breaks_the_signature():
    whole = METER.ocmf(charge())
    assert judged(whole.replace('"PG": "T1"', '"PG":  "T1"')).state == "invalid"
    assert judged(whole.replace("12.75", "12.750")).state == "invalid"


def test_blanks_and_line_ends_around_the_record_do_not_matter():
    assert judged(f"\n {METER.ocmf(charge())}\r\n").state == "valid"


def test_strange_spelling_inside_the_payload_counts_as_it_stands():
    payload = json.dumps(METER.payload(charge()), indent=3).replace("1.5", "15.0E-1")
    found = judged(METER.wrap(payload))
    assert found.state == "valid"
    assert found.energy_wh == 11_250


@pytest.mark.parametrize(
    ("begin", "end", "energy_wh"),
    [
        ("       9.038", "      49.440", 40_402),
        ("00000000.000", "00000001.500", 1_500),
        (0, 1, 1_000),
        (0.2596, 0.2597, 1),
        ("1E1", "2e1", 10_000),
        (0, 0.0011, 2),
    ],
)
def test_numbers_are_read_however_they_are_written_and_round_up(begin, end, energy_wh):
    found = judged(METER.ocmf(charge(begin, end)))
    assert found.energy_wh == energy_wh
    assert found.proves_energy


@pytest.mark.parametrize("value", ["", "12,5", "NaN", "1e99", True, None, [1], "\uff19", "0x10"])
def test_what_is_no_number_leaves_the_energy_open(value):
    found = judged(METER.ocmf([reading("B", 0), reading("E", value) | {"RV": value}]))
    assert found.state == "valid"
    if value is None:  # left out, so that it is as in the reading before
        assert found.energy_wh == 0
    else:
        assert found.energy_wh is None
        assert "no_value" in codes(found)
        assert not found.proves_energy


def test_a_unit_that_is_missing_is_not_guessed():
    bare = [{name: value for name, value in each.items() if name != "RU"} for each in charge()]
    found = judged(METER.ocmf(bare))
    assert found.state == "valid"
    assert found.energy_wh is None
    assert "no_unit" in codes(found)


def test_what_a_reading_leaves_out_is_as_in_the_one_before():
    begin = reading("B", 57.584)
    end = reading("E", 58.685, "2026-03-01T11:00:00,000+0000 S")
    listed = [begin, {"RV": 4.405, "RI": "1-0:2.8.0"}, end, {"RV": 4.405, "RI": "1-0:2.8.0"}]
    found = judged(METER.ocmf(listed))
    assert (found.energy_wh, found.export_wh) == (1_101, 0)


def test_the_higher_s_verifies_and_the_payload_identifies_the_record():
    payload = json.dumps(METER.payload(charge()))
    r, s = METER.sign(payload.encode())
    order = int(METER.curve.foreign.order)
    twins = [METER.wrap(payload, SD=write_signature(r, each).hex()) for each in (s, order - s)]
    assert [judged(each).state for each in twins] == ["valid", "valid"]
    assert len({judged(each).records[0].record.digest for each in twins}) == 1


@pytest.mark.parametrize("r_and_s", [(0, 1), (1, 0), (0, 0), ("n", 1), (1, "n")])
def test_numbers_outside_the_group_are_never_a_signature(r_and_s):
    order = int(METER.curve.foreign.order)
    r, s = (order if each == "n" else each for each in r_and_s)
    payload = json.dumps(METER.payload(charge()))
    assert judged(METER.wrap(payload, SD=write_signature(r, s).hex())).state == "invalid"


def test_bytes_after_the_signature_are_refused():
    whole = METER.ocmf(charge())
    inner = whole[:-2] + "00" + whole[-2:]
    assert judged(inner).state == "malformed"
    assert judged(whole + "x").state == "malformed"


def test_a_signature_in_base64_is_read():
    from base64 import b64encode

    payload = json.dumps(METER.payload(charge()))
    signature = b64encode(write_signature(*METER.sign(payload.encode()))).decode()
    assert judged(METER.wrap(payload, SE="base64", SD=signature)).state == "valid"


def test_an_algorithm_that_is_left_out_means_secp256r1():
    whole = METER.ocmf(charge()).replace('"SA": "ECDSA-secp256r1-SHA256", ', "")
    assert judged(whole).state == "valid"


@pytest.mark.parametrize(
    "change",
    [
        {"SA": "RSA-2048-SHA256"},
        {"SA": "ECDSA-secp160r1-SHA256"},
        {"SA": "ECDSA-secp256r1-MD5"},
        {"SA": "EdDSA"},
        {"SM": "application/octet-stream"},
    ],
)
def test_other_algorithms_are_unsupported(change):
    assert judged(METER.ocmf(charge(), signature=change)).state == "unsupported"


def test_the_spelling_of_a_curve_does_not_matter():
    meter = Meter("brainpoolP256r1")
    for name in ("brainpoolP256r1", "brainpool256r1"):
        record = meter.ocmf(charge(), signature={"SA": f"ECDSA-{name}-SHA256"})
        keys = KeyRegistry([MeterKey("M-1", read_public_key(meter.public_key))])
        assert judged(record, keys=keys).state == "valid"


def test_a_key_on_another_curve_than_the_record_says_is_invalid():
    found = judged(METER.ocmf(charge(), signature={"SA": "ECDSA-secp256k1-SHA256"}))
    assert found.state == "invalid"
    assert "wrong_curve" in codes(found)


@pytest.mark.parametrize(
    "record",
    [
        "OCMF|",
        "OCMF|{}",
        "OCMF|{}|{}",
        "OCMF|x|{}",
        "OCMF|[]|{}",
        'OCMF|{"RD": 1}|{"SD": "30"}',
        'OCMF|{"RD": [1]}|{"SD": "3006020101020101"}',
        'OCMF|{"RD": [], "RD": []}|{"SD": "3006020101020101"}',
        'OCMF|{"FV": "one", "RD": []}|{"SD": "3006020101020101"}',
        'OCMF|{"RD": [{"RV": NaN}]}|{"SD": "3006020101020101"}',
        'OCMF|{"RD": []}|{"SD": "zz"}',
        'OCMF|{"RD": []}|{"SD": "3000"}',
        "OCMF|" + "[" * 50_000 + "|{}",
        "OCMF|" + '{"a":' * 50_000 + "|{}",
        "OCMF|{}|{}|key|more",
        f'OCMF|{{"MS": "{"M" * 300}", "RD": []}}|{{"SD": "3006020101020101"}}',
        "OCMF|" + "9" * 300_000 + "|{}",
    ],
)
def test_what_is_no_record_is_malformed_and_says_why(record):
    found = judged(record)
    assert found.state == "malformed"
    [said] = found.findings
    assert said.code == "malformed_record"
    assert said.record == 1


def test_bytes_that_are_no_utf8_are_malformed():
    found = verify([Carried(b'OCMF|{"ID": "\xff"}|{}')], KEYS)
    assert found.state == "malformed"


def test_a_key_behind_a_third_bar_came_with_the_message():
    record = f"{METER.ocmf(charge())}|{METER.public_key}"
    found = judged(record, keys=KeyRegistry())
    assert found.state == "valid"
    assert "key_from_message" in codes(found)
    assert not found.proves_energy
