"""Public records of real meters in ISA-EDL40, Mennekes' XML, EDL40's newer form and PCDF.

They are the test data of the S.A.F.E. transparency software; see README.md here.
"""

import base64
import json
import re
from pathlib import Path

import pytest

from charging.domain.meters.carried import Carried
from charging.domain.meters.key_registry import KeyRegistry
from charging.domain.meters.keys import read_public_key
from charging.domain.meters.signatures import holds
from charging.domain.meters.verification import verify, verify_message

PUBLIC = json.loads((Path(__file__).parent / "public_records.json").read_text())
NOBODY = KeyRegistry()
IN_FILES = [
    *((record, PUBLIC["mennekes_sml"]["key"]) for record in PUBLIC["mennekes_sml"]["records"]),
    *((record, PUBLIC["newer"]["key"]) for record in PUBLIC["newer"]["records"]),
    *((each["record"], each["key"]) for each in PUBLIC["isa"] if each["name"] != "update"),
]
WHOLE = [
    *((each["process"], "") for each in PUBLIC["mennekes"]),
    *((record, "") for record in PUBLIC["newer"]["bare"]),
    *((each["record"], "") for each in PUBLIC["pcdf"] if each["state"] == "valid"),
]


def judged(record, key):
    if record.startswith("1"):
        try:
            return verify([Carried(bytes.fromhex(record), key)], NOBODY)
        except ValueError:
            pass
    return verify_message(record.encode(), NOBODY)


def codes(verdict):
    return {each.code for each in verdict.findings}


@pytest.mark.parametrize(("record", "key"), [*IN_FILES, *WHOLE])
def test_a_public_record_is_valid(record, key):
    found = judged(record, key)
    assert found.state == "valid"
    assert not found.vouched


@pytest.mark.parametrize(("record", "key"), [*IN_FILES, *WHOLE])
def test_no_byte_of_what_a_public_record_signs_may_change(record, key):
    for one in judged(record, key).records:
        signature, payload = one.record.signature, one.record.payload
        public = read_public_key(one.record.own_key or key, signature.curve)
        assert holds(public, payload, signature.hash_name, signature.r, signature.s)
        for place in range(len(payload)):
            changed = bytearray(payload)
            changed[place] ^= 1 << place % 8
            assert not holds(
                public, bytes(changed), signature.hash_name, signature.r, signature.s
            ), place


@pytest.mark.parametrize(("record", "key"), IN_FILES)
def test_no_byte_of_a_file_may_change_without_being_found_unless_nobody_signs_it(record, key):
    before = judged(record, key).records[0].record.payload
    raw = bytes.fromhex(record)
    unsigned = 0
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1
        found = verify([Carried(bytes(changed), key)], NOBODY)
        if found.state == "valid":
            unsigned += 1
            assert found.records[0].record.payload == before, place
    assert unsigned < len(raw) / 2


@pytest.mark.parametrize(("record", "key"), [each for each in WHOLE if each[0].startswith("<C")])
def test_no_digit_of_a_charging_process_may_change(record, key):
    before = [one.record.payload for one in judged(record, key).records]
    for match in re.finditer(r"[0-9A-Fa-f](?=[^<>]*</(?!EventCounter|MeterStatus))", record):
        old = match[0]
        new = "1" if old == "0" else "0"
        found = judged(record[: match.start()] + new + record[match.end() :], key)
        if found.state == "valid":  # both a time and its offset moved, or what stands twice
            assert [one.record.payload for one in found.records] == before, match.start()


@pytest.mark.parametrize(("record", "key"), [each for each in WHOLE if each[0].startswith("1")])
def test_no_byte_of_a_pcdf_record_may_change(record, key):
    for place in range(len(record)):
        for bit in (1, 32):
            changed = bytearray(record.encode())
            changed[place] ^= bit
            found = verify([Carried(bytes(changed), key)], NOBODY)
            if found.state == "valid":  # upper and lower case of the signature's hex
                assert record[place].lower() == chr(changed[place]).lower()
                assert place > record.index("(SG:")


@pytest.mark.parametrize("process", PUBLIC["mennekes"], ids=lambda each: each["exact_wh"])
def test_a_public_charging_process_has_the_energy_that_its_values_say(process):
    found = verify_message(process["process"].encode(), NOBODY)
    assert str(found.exact_wh) == process["exact_wh"]
    assert len(found.records) == 2
    assert codes(found) == {"key_from_message", "offset_not_signed"}


def test_the_same_values_from_the_meter_itself_are_the_same_payloads():
    exported = verify_message(PUBLIC["mennekes"][3]["process"].encode(), NOBODY)
    meters = verify(
        [
            Carried(bytes.fromhex(record), PUBLIC["mennekes_sml"]["key"])
            for record in PUBLIC["mennekes_sml"]["records"]
        ],
        NOBODY,
    )
    payloads = [[one.record.payload for one in each.records] for each in (exported, meters)]
    assert payloads[0] == payloads[1]
    assert exported.energy_wh == meters.energy_wh
    assert exported.charges[0].started_at == meters.charges[0].started_at
    assert meters.charges[0].started_at.isoformat() == "2021-07-23T08:44:16+00:00"


def test_bytes_in_xml_and_the_file_of_a_newer_meter_are_the_same_payload():
    for record, bare in zip(PUBLIC["newer"]["records"], PUBLIC["newer"]["bare"], strict=True):
        [in_file] = verify([Carried(bytes.fromhex(record))], NOBODY).records
        [in_xml] = verify_message(bare.encode(), NOBODY).records
        assert in_file.record.payload == in_xml.record.payload
        assert in_xml.record.readings[0].value == in_file.record.readings[0].value
        assert in_xml.record.readings[0].at is None  # nobody says how far its clock is from UTC


def test_a_newer_meter_is_read_on_the_register_without_the_cable():
    [record] = verify([Carried(bytes.fromhex(PUBLIC["newer"]["records"][0]))], NOBODY).records
    [reading] = record.record.readings
    assert reading.energy_wh * 10 == 0x02EE6A
    assert reading.register.compensated


def test_a_public_isa_record_of_the_end_is_a_whole_charge():
    begin, end, _ = PUBLIC["isa"]
    found = judged(end["record"], end["key"])
    assert str(found.exact_wh) == "22329.4"  # as the S.A.F.E. software's own test says
    (charge,) = found.charges
    assert charge.started_at.isoformat() == "2020-08-11T05:09:11+00:00"
    assert charge.ended_at.isoformat() == "2020-08-11T05:14:55+00:00"
    assert judged(begin["record"], begin["key"]).energy_wh is None


def test_a_begin_that_the_end_states_again_is_the_same_charge():
    carried = [Carried(bytes.fromhex(each["record"]), each["key"]) for each in PUBLIC["isa"][:2]]
    found = verify(carried, NOBODY)
    assert len(found.charges) == 1
    assert found.energy_wh == 22_330


def test_what_the_public_samples_call_wrong_is_refused():
    update = PUBLIC["isa"][2]
    assert judged(update["record"], update["key"]).state == "malformed"
    end = PUBLIC["isa"][1]
    other_key = end["key"][:-1] + "1"
    assert judged(end["record"], other_key).state == "malformed"  # no point of the curve
    begin = PUBLIC["isa"][0]["record"]
    renamed = begin.replace("078180816101FF", "078180816102FF")
    assert judged(renamed, end["key"]).state == "malformed"


@pytest.mark.parametrize("record", PUBLIC["pcdf"], ids=lambda each: each["record"][-9:-1])
def test_a_public_pcdf_record_gets_the_verdict_of_the_transparency_software(record):
    found = verify_message(record["record"].encode(), NOBODY)
    assert found.state == record["state"]
    expected = {
        "(BV:0)": {"key_from_message", "not_for_billing"},
        "(SP:3)": {"key_from_message", "no_end"},
    }
    for mark, found_codes in expected.items():
        if mark in record["record"]:
            assert codes(found) == found_codes


def test_a_public_record_verifies_in_the_carriers_of_its_time():
    process = PUBLIC["mennekes"][0]["process"]
    escaped = process.replace("<", "&lt;").replace(">", "&gt;")
    packed = base64.b64encode(process.encode()).decode()
    values = [{"nature": "End", "plain_data": "", "signed_data": packed}]
    ocpi = {"signed_data": {"encoding_method": "EDL40 Mennekes", "signed_values": values}}
    for message in (
        f"<values><value><signedData format='EDL_40_MENNEKES'>{escaped}</signedData></value>"
        "</values>",
        f"<values><value><signedData>{process}</signedData></value></values>",
        f'<Billing xmlns="http://www.mennekes.de/Mennekes.EdlVerification.xsd"><Customer/>{process}'
        "</Billing>",
        packed,
        process.encode().hex(),
        json.dumps(ocpi),
    ):
        found = verify_message(message.encode(), NOBODY)
        assert (found.state, str(found.exact_wh)) == ("valid", "141.9")
