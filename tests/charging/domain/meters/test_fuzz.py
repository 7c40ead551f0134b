"""Whatever arrives, there is a verdict: no crash, no hang, and never a false proof."""

import json
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from charging.domain.meters.carriage.messages import MOST_BYTES
from charging.domain.meters.der import NotDer, read_signature, write_signature
from charging.domain.meters.key_registry import KeyRegistry, MeterKey
from charging.domain.meters.keys import read_public_key
from charging.domain.meters.report import as_json, headline
from charging.domain.meters.verification import SignatureState, verify_message
from tests.charging.domain.meters.made import Meter, charge
from tests.charging.domain.meters.made_formats import isa, mennekes, pcdf
from tests.charging.domain.meters.test_carriage import CARRIERS

METER = Meter()
KEYS = KeyRegistry([MeterKey("M-1", read_public_key(METER.public_key))])
ALFEN = Meter("secp192r1").alfen()
WHOLE = METER.ocmf(charge())
OTHERS = [mennekes(Meter("secp192r1")), isa(METER).hex(), pcdf(METER)]
MESSAGES = [*CARRIERS.values(), ALFEN, WHOLE, *OTHERS]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                (
                    "RD TM TX RV RI RU ST EF CL EI FV PG MS GS IL IT ID CI SA SE SM SD "
                    "signed_values signed_data "
                    "sampledValue signedMeterValue value format signedMeterData publicKey "
                    "plain_data unitOfMeasure"
                ).split()
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


def has_a_verdict(data):
    found = verify_message(data, KEYS)
    assert found.state in SignatureState
    assert headline(found)
    json.dumps(as_json(found))
    return found


@given(st.binary(max_size=2000))
def test_any_bytes(data):
    assert not has_a_verdict(data).proves_energy


@given(JSON)
def test_any_json_message(content):
    assert not has_a_verdict(json.dumps(content).encode()).proves_energy


@given(JSON, JSON)
def test_any_json_inside_a_record(payload, signature):
    record = f"OCMF|{json.dumps(payload)}|{json.dumps(signature)}".replace("||", "|")
    assert not has_a_verdict(record.encode()).proves_energy


@given(JSON)
@example([{"TM": "2026-03-01T10:00:00,000+9959 S", "TX": "B"}])
@example([{"TM": "0001-01-01T00:00:00,000+2300 S", "TX": "B"}])
def test_any_readings_that_are_truly_signed(readings):
    payload = json.dumps({"FV": "1.0", "MS": "M-1", "RD": readings}).replace("|", "_")
    has_a_verdict(METER.wrap(payload).encode())


@given(
    st.sampled_from(MESSAGES),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=5),
)
def test_changed_bytes_anywhere(message, changes):
    raw = bytearray(message.encode())
    for place, byte in changes:
        raw[int(place * len(raw))] = byte
    has_a_verdict(bytes(raw))


@given(st.sampled_from(MESSAGES), st.floats(0, 1), st.floats(0, 1))
def test_cut_and_doubled_messages(message, start, end):
    raw = message.encode()
    has_a_verdict(raw[: int(start * len(raw))] + raw[int(end * len(raw)) :])


@given(st.binary(max_size=200))
def test_any_bytes_as_a_signature(data):
    try:
        found = read_signature(data)
    except NotDer:
        return
    assert found.canonical == (write_signature(found.r, found.s) == data)


@given(st.integers(0, 2**521), st.integers(0, 2**521))
def test_what_is_written_as_der_is_read_back(r, s):
    found = read_signature(write_signature(r, s))
    assert (found.r, found.s, found.canonical) == (r, s, True)


@settings(deadline=None, max_examples=12)
@given(
    st.sampled_from(
        [
            *("[", "{", '{"a":', "<a>", "OCMF|", "AP;", "(", "9", " ", "\x00", "=", "a "),
            *("<ChargingProcess>", "<value>", "128.8.0(ST:", "128.8.0(ST:260301100000)"),
            *("1b1b1b1b01010101", "1b1b1b1b", "7777", "(ST:1)", "\x1b\x1b\x1b\x1b", "AAAA"),
        ]
    )
)
def test_the_largest_message_is_answered_in_seconds(piece):
    data = (piece * (MOST_BYTES // len(piece)))[:MOST_BYTES].encode()
    started = time.process_time()
    has_a_verdict(data)
    assert time.process_time() - started < 5


def test_xml_and_json_as_deep_as_they_fit_are_answered():
    depth = MOST_BYTES // 8
    has_a_verdict(b"<a>" * depth + b"</a>" * depth)
    has_a_verdict(b"[" * depth + b"]" * depth)
    has_a_verdict(b'{"a":' * 900 + b"1" + b"}" * 900)


@pytest.mark.parametrize(
    "number",
    [
        *("1e99999999999999999999", "1e-99999999999999999999", "0E99999999999999999999"),
        *("1e999999999999999999", "1e400", "-1e-400", "9" * 5000, "1." + "0" * 5000),
    ],
)
def test_a_number_that_nothing_can_hold_has_a_verdict(number):
    """Found by coverage-guided fuzzing: the exponent alone may be too large to be read."""
    reading = f'{{"TX":"B","RV":{number},"CL":{number},"EI":{number}}}'
    payload = f'{{"FV":"1.0","MS":"M-1","PG":{number},"ID":{number},"RD":[{reading}]}}'
    stated = f'{{"value":{number},"unitOfMeasure":{{"multiplier":{number}}}'
    signed = f'{{"signedMeterValue":{{"signedMeterData":{json.dumps(WHOLE)}}},{stated[1:]}}}'
    for message in (
        METER.wrap(payload),
        f'OCMF|{payload}|{{"SD":{number}}}',
        f'{{"meterValue":[{{"sampledValue":[{signed}]}}]}}',
        f'{{"a":{number}}}',
    ):
        has_a_verdict(message.encode())


@pytest.mark.parametrize(
    "inner",
    [
        "<ChargingProcess/>" * 55_000,
        f"<ChargingProcess>{'<x/>' * 120_000}{'<MeasurementEnd/>' * 30_000}</ChargingProcess>",
        f"<ChargingProcess><MeasurementEnd>{'<x/>' * 250_000}</MeasurementEnd></ChargingProcess>",
        "<value><signedData>&lt;ChargingProcess/></signedData></value>" * 16_000,
        "<signedMeterValue/>" * 50_000,
        "<ChargingProcess>" * 900 + "</ChargingProcess>" * 900,
    ],
    ids=["processes", "measurements", "fields", "values", "bare", "nested"],
)
def test_xml_full_of_records_is_answered_in_seconds(inner):
    data = f"<values>{inner}</values>".encode()
    assert len(data) <= MOST_BYTES
    started = time.process_time()
    assert has_a_verdict(data).state == SignatureState.MALFORMED
    assert time.process_time() - started < 5


@pytest.mark.parametrize("name", "TM TX RV RI RU ST EF EI CL".split())
def test_a_field_of_a_reading_may_be_as_deep_as_json_goes(name):
    for depth in range(800, 1000, 10):
        deep = f'{{"RD":[{{"TX":"B","{name}":{"[" * depth}{"]" * depth}}}]}}'
        has_a_verdict(METER.wrap(deep).encode())


@given(JSON, st.sampled_from("IL IT ID CI MS GS PG FV".split()))
def test_any_value_in_any_field_of_a_record(value, name):
    payload = json.dumps(METER.payload(charge()) | {name: value}).replace("|", "_")
    has_a_verdict(METER.wrap(payload).encode())
