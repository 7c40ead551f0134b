"""Signed records found in everything that carries them."""

import json
from base64 import b64encode

import pytest

from charging.domain.meters.carriage import messages
from charging.domain.meters.key_registry import KeyRegistry, MeterKey
from charging.domain.meters.keys import read_public_key
from charging.domain.meters.verification import verify_message
from charging.errors import UnreadableMessage
from tests.charging.domain.meters.made import Meter, charge

METER = Meter()
KEYS = KeyRegistry([MeterKey("M-1", read_public_key(METER.public_key))])
BEGIN, END = (
    METER.ocmf([each], PG=page) for each, page in zip(charge(), ("T1", "T2"), strict=True)
)
WHOLE = METER.ocmf(charge())


def packed(text):
    return b64encode(text.encode()).decode()


def signed(record, key=""):
    return {
        "signedMeterData": packed(record),
        "signingMethod": "ECDSA-secp256r1-SHA256",
        "encodingMethod": "OCMF",
        "publicKey": key,
    }


def ocpi(*records, key=METER.public_key):
    values = [
        {"nature": "Start", "plain_data": "0.0", "signed_data": packed(each)} for each in records
    ]
    return {"encoding_method": "OCMF", "public_key": key, "signed_values": values}


def ocpp16(record, extra=()):
    value = {"format": "SignedData", "value": record, "context": "Transaction.Begin"}
    return {"timestamp": "2026-03-01T10:00:00Z", "sampledValue": [*extra, value]}


def ocpp2(record, **fields):
    return {
        "timestamp": "2026-03-01T10:00:00Z",
        "sampledValue": [{"value": 1500, "signedMeterValue": signed(record)} | fields],
    }


CARRIERS = {
    "plain text": f"{BEGIN}\n{END}\n",
    "on one line": BEGIN + END,
    "in quotation marks": f'"{BEGIN}\n{END}"',
    "quoted by a log": json.dumps(f"{BEGIN}\n{END}"),
    "quoted by a table": '"{}"'.format(f"{BEGIN}\n{END}".replace('"', '""')),
    "base64 in quotation marks": f'"{packed(BEGIN + END)}"',
    "hex": BEGIN.encode().hex() + b"\n".hex() + END.encode().hex(),
    "base64": packed(f"{BEGIN}\n{END}"),
    "OCPI signed data": json.dumps(ocpi(BEGIN, END)),
    "OCPI CDR": json.dumps({"id": "1", "total_energy": 11.25, "signed_data": ocpi(BEGIN, END)}),
    "OCPI envelope": json.dumps({"data": [{"signed_data": ocpi(BEGIN, END)}]}),
    "OCPP 1.6 MeterValues": json.dumps(
        {
            "connectorId": 1,
            "meterValue": [ocpp16(json.dumps(signed(BEGIN))), ocpp16(json.dumps(signed(END)))],
        }
    ),
    "OCPP 1.6 with bare records": json.dumps({"meterValue": [ocpp16(BEGIN), ocpp16(END)]}),
    "OCPP 1.6 StopTransaction in a frame": json.dumps(
        [
            2,
            "id",
            "StopTransaction",
            {
                "meterStop": 12_750,
                "transactionData": [
                    ocpp16(json.dumps(signed(BEGIN))),
                    ocpp16(json.dumps(signed(END))),
                ],
            },
        ]
    ),
    "OCPP 2.0.1 MeterValues": json.dumps({"evseId": 1, "meterValue": [ocpp2(BEGIN), ocpp2(END)]}),
    "OCPP 2.1 TransactionEvents": json.dumps(
        [
            [2, "1", "TransactionEvent", {"eventType": "Started", "meterValue": [ocpp2(BEGIN)]}],
            [2, "2", "TransactionEvent", {"eventType": "Ended", "meterValue": [ocpp2(END)]}],
        ]
    ),
    "S.A.F.E. XML": "<?xml version='1.0'?><values>"
    + "".join(
        f"<value transactionId='1'><signedData format='OCMF' encoding='plain'>{each}</signedData>"
        f"<publicKey encoding='plain'>{METER.public_key}</publicKey></value>"
        for each in (BEGIN, END)
    )
    + "</values>",
    "S.A.F.E. XML with base64 and a namespace": "<v:values xmlns:v='urn:x'>"
    + "".join(
        f"<v:value><v:encodedData format='OCMF' encoding='base64'>{packed(each)}</v:encodedData>"
        "</v:value>"
        for each in (BEGIN, END)
    )
    + "</v:values>",
}


@pytest.mark.parametrize("carrier", CARRIERS)
def test_the_charge_is_the_same_in_whatever_carries_it(carrier):
    found = verify_message(CARRIERS[carrier].encode(), KEYS)
    assert found.state == "valid"
    assert found.energy_wh == 11_250
    assert found.proves_energy
    assert len(found.records) == 2


@pytest.mark.parametrize("mark", ["\ufeff", "\n\n ", ""])
def test_marks_and_blanks_before_the_content_do_not_matter(mark):
    for text in CARRIERS.values():
        assert verify_message((mark + text).encode(), KEYS).state == "valid"


def test_the_key_of_a_carrier_is_from_the_message():
    for carrier in ("OCPI CDR", "S.A.F.E. XML"):
        found = verify_message(CARRIERS[carrier].encode(), KeyRegistry())
        assert found.state == "valid"
        assert not found.vouched
        assert {each.key.source for each in found.records} == {"message"}


def test_the_open_charge_alliance_s_way_to_write_a_key_is_read():
    key = packed(f"oca:base16:asn1:{METER.public_key}")
    message = {"meterValue": [{"sampledValue": [{"signedMeterValue": signed(WHOLE, key)}]}]}
    found = verify_message(json.dumps(message).encode(), KeyRegistry())
    assert (found.state, found.vouched) == ("valid", False)


def test_a_value_in_kwh_without_a_unit_is_told_and_the_signed_unit_counts():
    message = {"meterValue": [ocpp2(WHOLE, value="12.75")]}
    found = verify_message(json.dumps(message).encode(), KEYS)
    assert [each.code for each in found.findings] == ["stated_without_unit"]
    assert found.energy_wh == 11_250
    assert found.proves_energy


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"value": "12750"}, None),
        ({"value": "12.75", "unitOfMeasure": {"unit": "kWh"}}, None),
        ({"value": "12.75", "unitOfMeasure": {"unit": "Wh", "multiplier": 3}}, None),
        ({"value": "13.75", "unitOfMeasure": {"unit": "kWh"}}, "stated_otherwise"),
        ({"value": "99"}, "stated_otherwise"),
        ({"value": "99", "measurand": "Voltage"}, None),
        ({"value": "full"}, None),
    ],
)
def test_what_is_stated_beside_the_record_is_held_against_it(fields, code):
    message = {"meterValue": [ocpp2(WHOLE, **fields)]}
    found = verify_message(json.dumps(message).encode(), KEYS)
    assert [each.code for each in found.findings] == ([code] if code else [])


def test_in_ocpp_16_the_plain_value_beside_the_signed_one_is_compared():
    plain = {"value": "12.75", "context": "Transaction.End"}
    message = {"meterValue": [ocpp16(json.dumps(signed(WHOLE)), [plain])]}
    found = verify_message(json.dumps(message).encode(), KEYS)
    assert [each.code for each in found.findings] == ["stated_without_unit"]


def test_a_record_that_only_stands_in_plain_data_is_taken_from_there():
    values = [{"nature": "End", "plain_data": WHOLE, "signed_data": "30450221"}]
    message = {"signed_data": {"encoding_method": "OCMF", "signed_values": values}}
    assert verify_message(json.dumps(message).encode(), KEYS).proves_energy


def test_another_format_is_unsupported_and_not_lost():
    values = [{"nature": "End", "plain_data": "", "signed_data": packed("\x1b\x1b\x1b\x1bSML")}]
    message = {"signed_data": {"encoding_method": "EDL40", "signed_values": values}}
    assert verify_message(json.dumps(message).encode(), KEYS).state == "unsupported"
    xml = "<values><value><signedData format='EDL40'>AAAA</signedData></value></values>"
    assert verify_message(xml.encode(), KEYS).state == "unsupported"


BOMB = (
    "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]>"
    "<values><value><signedData>&b;</signedData></value></values>"
)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"hello", "No signed meter value"),
        (b"{}", "No signed meter value"),
        (b"{", "not"),
        (b"[" * 100_000, "not"),
        (b"<values>", "XML"),
        (b"<values/>", "No signed meter value"),
        (BOMB.encode(), "XML"),
        (b"\xff\xfe\x00", "No signed meter value"),
        (b"x" * (messages.MOST_BYTES + 1), "larger"),
        (b"OCMF|{}|{}\n" * 101, "more than 100"),
    ],
)
def test_what_carries_nothing_is_malformed_and_says_why(data, words):
    with pytest.raises(UnreadableMessage, match=words):
        messages.read(data)
    found = verify_message(data, KEYS)
    assert found.state == "malformed"
    assert [each.code for each in found.findings] == ["unreadable_message"]
    assert found.energy_wh is None
