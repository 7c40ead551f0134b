"""Real meters' records: the same verdict as an independent check gave."""

import hashlib
import json
import warnings
from decimal import Decimal

import ecdsa
import pytest
from pyocmf.core.ocmf import OCMF
from pyocmf.exceptions import PyOCMFError

from charging.domain.meters.carried import Carried
from charging.domain.meters.key_registry import KeyRegistry
from charging.domain.meters.verification import SignatureState, verify, verify_message
from tests.charging.domain.meters.made import Meter, charge, real_records

RECORDS = real_records()
OCMF_RECORDS = [each for each in RECORDS if each["format"] == "OCMF"]
NOBODY = KeyRegistry()


def verdict_of(record):
    return verify([Carried(record["record"].encode(), record["public_key"])], NOBODY)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["id"])
def test_a_real_record_gets_the_verdict_of_the_independent_check(record):
    assert (verdict_of(record).state == SignatureState.VALID) == record["signature_valid"]


@pytest.mark.parametrize(
    "record",
    [each for each in OCMF_RECORDS if each["energy_kwh"] and each["signature_valid"]],
    ids=lambda record: record["id"],
)
def test_a_real_charge_has_the_energy_of_the_independent_check(record):
    assert verdict_of(record).exact_wh == Decimal(record["energy_kwh"]) * 1000


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["id"])
def test_no_real_record_with_one_byte_changed_is_valid(record):
    raw = bytearray(record["record"].encode())
    start = raw.index(b"|") + 1 if record["format"] == "OCMF" else raw.index(b"BJKGK")
    for place in range(start, len(raw) - 4, max(1, len(raw) // 60)):
        changed = bytearray(raw)
        changed[place] ^= 1
        found = verify([Carried(bytes(changed), record["public_key"])], NOBODY)
        if found.state == SignatureState.VALID:  # upper and lower case of a hex digit or name
            record_before = verdict_of(record).records[0].record
            assert found.records[0].record.payload == record_before.payload


def test_the_meter_that_writes_negative_numbers_is_read_as_it_means():
    [record] = [each for each in RECORDS if each["id"] == "ocmf-006"]
    found = verdict_of(record)
    assert found.state == SignatureState.VALID
    assert "signature_not_canonical" in {each.code for each in found.findings}


def test_the_meter_that_writes_key_and_signature_bare_is_verified():
    [record] = [each for each in RECORDS if each["id"] == "ocmf-isa"]
    _, payload, signature = record["record"].split("|")
    key = ecdsa.VerifyingKey.from_string(bytes.fromhex(record["public_key"]), ecdsa.NIST256p)
    bare = bytes.fromhex(json.loads(signature)["SD"])
    assert key.verify(bare, payload.encode(), hashlib.sha256)
    assert "signature_not_canonical" in {each.code for each in verdict_of(record).findings}


@pytest.mark.parametrize(
    ("name", "state", "code"),
    [
        ("ocmf-003", "malformed", "key_unreadable"),
        ("ocmf-004", "malformed", "malformed_record"),
        ("ocmf-050", "invalid", "wrong_curve"),
        ("alfen-3", "invalid", "signature_wrong"),
    ],
)
def test_a_refused_real_record_says_why(name, state, code):
    [record] = [each for each in RECORDS if each["id"] == name]
    found = verdict_of(record)
    assert found.state == state
    assert code in {each.code for each in found.findings}


def test_two_real_records_make_one_charge():
    pair = [each for each in RECORDS if each["id"] in {"ocmf-009", "ocmf-010"}]
    found = verify([Carried(each["record"].encode(), each["public_key"]) for each in pair], NOBODY)
    assert found.state == SignatureState.VALID
    assert len(found.charges) == 1
    assert found.energy_wh == 0


def test_the_fields_of_a_real_alfen_record():
    [record] = [each for each in RECORDS if each["id"] == "alfen-1"]
    read = verify_message(record["record"].encode(), NOBODY).records[0].record
    assert read.meters[0] == record["meter_id"]
    assert read.same["session"] == str(record["session_id"])
    assert read.page == ("", record["paging"])
    assert read.readings[0].energy_wh == record["value"]
    assert read.readings[0].at.isoformat() == record["time_utc"]


def foreign_verdict(record, key):
    """What pyocmf says; none where it refuses to say."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return OCMF.from_string(record).verify_signature("".join(key.split()))
        except PyOCMFError:
            return None


@pytest.mark.parametrize("record", OCMF_RECORDS, ids=lambda record: record["id"])
def test_a_foreign_verifier_agrees_on_real_records_wherever_it_answers(record):
    foreign = foreign_verdict(record["record"], record["public_key"])
    if foreign is not None and record["id"] != "ocmf-006":  # strict DER refuses that meter
        assert foreign == (verdict_of(record).state == SignatureState.VALID)


@pytest.mark.parametrize(
    "curve", ["secp192r1", "secp256k1", "secp256r1", "secp384r1", "brainpoolP256r1"]
)
def test_a_foreign_verifier_agrees_on_records_made_here(curve):
    meter = Meter(curve)
    whole = meter.ocmf(charge())
    changed = whole.replace("12.75", "12.76")
    for record in (whole, changed):
        ours = verify([Carried(record.encode(), meter.public_key)], NOBODY).state
        assert foreign_verdict(record, meter.public_key) == (ours == SignatureState.VALID)
