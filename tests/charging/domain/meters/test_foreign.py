"""Whatever a record holds: pyocmf, which others wrote, comes to the same wherever it answers."""

import json
import warnings
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from pyocmf.core.ocmf import OCMF
from pyocmf.exceptions import PyOCMFError

from charging.domain.meters.carried import Carried
from charging.domain.meters.der import write_signature
from charging.domain.meters.key_registry import KeyRegistry
from charging.domain.meters.verification import verify
from tests.charging.domain.meters.made import Meter, reading

METERS = [
    Meter(curve)
    for curve in ("secp192r1", "secp256r1", "secp256k1", "secp384r1", "brainpoolP256r1")
]
REGISTERS = st.sampled_from(["1-0:1.8.0", "01-00:B2.08.00*FF", "01-00:98.08.00.FF"])
PAYLOADS = st.fixed_dictionaries(
    {
        "FV": st.sampled_from(["1.0", "1.1", "1.2", "1.3", "1.4"]),
        "GS": st.text("ABC0123 -", min_size=1, max_size=12),
        "MS": st.text("ABC0123", min_size=1, max_size=12),
        "PG": st.integers(0, 10**6).map("T{}".format),
        "IS": st.booleans(),
        "IL": st.sampled_from(["NONE", "VERIFIED", "TRUSTED"]),
        "IT": st.just("NONE"),
        "ID": st.text("ABCäöé09", max_size=8),
    }
)


def ours(record, key):
    return verify([Carried(record.encode(), key)], KeyRegistry())


def theirs(record, key):
    """True, false, or none where it refuses to say."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return OCMF.from_string(record).verify_signature(key)
        except PyOCMFError:
            return None


@settings(deadline=None)
@given(
    meter=st.sampled_from(METERS),
    fields=PAYLOADS,
    obis=REGISTERS,
    begin=st.integers(0, 10**9),
    taken=st.integers(0, 10**7),
    indent=st.none() | st.integers(0, 4),
    ascii_only=st.booleans(),
)
def test_a_foreign_verifier_agrees_on_whole_records(
    meter, fields, obis, begin, taken, indent, ascii_only
):
    readings = [
        reading("B", begin / 1000, RI=obis),
        reading("E", (begin + taken) / 1000, "2026-03-01T11:00:00,000+0000 S", RI=obis),
    ]
    payload = json.dumps(fields | {"RD": readings}, indent=indent, ensure_ascii=ascii_only)
    record = meter.wrap(payload)
    found = ours(record, meter.public_key)
    assert found.state == "valid"
    assert (
        found.exact_wh
        == Decimal(repr((begin + taken) / 1000)) * 1000 - Decimal(repr(begin / 1000)) * 1000
    )
    assert theirs(record, meter.public_key) is not False


@settings(deadline=None)
@given(
    meter=st.sampled_from(METERS),
    fields=PAYLOADS,
    place=st.floats(0, 0.999),
    byte=st.sampled_from("0123456789ABCDEFabcdef ,.-"),
)
def test_a_foreign_verifier_agrees_on_spoilt_records(meter, fields, place, byte):
    payload = json.dumps(fields | {"RD": [reading("B", 1), reading("E", 2)]})
    record = meter.wrap(payload)
    at = int(place * len(record))
    spoilt = record[:at] + byte + record[at + 1 :]
    answer = theirs(spoilt, meter.public_key)
    mine = ours(spoilt, meter.public_key).state == "valid"
    if answer is not None:
        assert answer == mine
    if spoilt != record and at < len(payload):
        assert not mine


@settings(deadline=None)
@given(
    meter=st.sampled_from(METERS),
    r=st.integers(-1, 2**192),
    s=st.integers(-1, 2**192),
    higher=st.booleans(),
)
def test_no_made_up_numbers_are_a_signature(meter, r, s, higher):
    order = int(meter.curve.foreign.order)
    r, s = ((order + each) if higher else max(each, 0) for each in (r, s))
    payload = json.dumps(meter.payload([reading("B", 1), reading("E", 2)]))
    record = meter.wrap(payload, SD=write_signature(r, s).hex())
    assert ours(record, meter.public_key).state == "invalid"
