"""Keys: how they are written, when they count, and who vouches for them."""

import contextlib
import json
from base64 import b32encode, b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.meters.carried import Carried
from charging.domain.meters.curves import CURVES, curve_named
from charging.domain.meters.key_registry import (
    COMPROMISED,
    REPLACED,
    KeyRegistry,
    MeterKey,
    read_key_file,
)
from charging.domain.meters.keys import PublicKey, read_public_key
from charging.domain.meters.signatures import holds
from charging.domain.meters.verification import verify
from charging.errors import UnreadableKey, UnsupportedKey
from tests.charging.domain.meters.made import Meter, charge

METER = Meter()
HEX = METER.public_key
DER = bytes.fromhex(HEX)
KEY = PublicKey(CURVES["secp256r1"], METER.point)
BEGIN = datetime(2026, 3, 1, 10, tzinfo=UTC)
END = BEGIN + timedelta(hours=1)
DAY = timedelta(days=1)


def packed(data):
    return b64encode(data if isinstance(data, bytes) else data.encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        HEX,
        HEX.upper(),
        f"  {HEX[:40]}\n{HEX[40:]}\n",
        packed(DER),
        packed(DER).rstrip("="),
        packed(HEX),
        packed(f"oca:base16:asn1:{HEX}"),
        f"oca:base16:asn1:{HEX}",
        f"oca:base64:asn1:{packed(DER)}",
        packed(json.dumps({"UK": HEX})),
        json.dumps({"publicKey": packed(DER)}),
        json.dumps({"public_key": HEX}),
        METER.private.verifying_key.to_pem().decode(),
    ],
)
def test_a_key_is_read_in_every_way_of_the_field(text):
    assert read_public_key(text) == KEY


def test_a_key_is_unwrapped_as_deep_as_the_field_goes_and_no_deeper():
    text = HEX
    for _ in range(4):
        text = json.dumps({"UK": text})
    assert read_public_key(text) == KEY
    with pytest.raises(UnreadableKey):
        read_public_key(json.dumps({"UK": text}))


@pytest.mark.parametrize("curve", sorted(CURVES))
@pytest.mark.parametrize("form", ["uncompressed", "compressed"])
def test_a_key_of_every_curve_is_read_in_every_encoding(curve, form):
    meter = Meter(curve)
    whole = PublicKey(meter.curve, meter.point)
    der = meter.private.verifying_key.to_der(form)
    pem = meter.private.verifying_key.to_pem(form).decode()
    for text in (der.hex(), packed(der), pem, packed(der.hex()), f"oca:base16:asn1:{der.hex()}"):
        found = read_public_key(text)
        assert (found.curve, found.fingerprint) == (whole.curve, whole.fingerprint)
    record = Carried(meter.ocmf(charge()).encode())
    assert verify([record], read_key_file(der)).state == "valid"
    assert verify([record], read_key_file(pem.encode())).state == "valid"
    for bare in (meter.point, meter.point[1:], meter.private.verifying_key.to_string(form)):
        found = read_public_key(bare.hex(), meter.curve)
        assert found.fingerprint == whole.fingerprint


def test_a_key_in_base32_is_read_as_one_maker_prints_it():
    meter = Meter("secp192r1")
    compressed = meter.private.verifying_key.to_string("compressed")
    found = read_public_key(b32encode(compressed).decode())
    assert (found.curve.name, found.point) == ("secp192r1", compressed)
    assert found.fingerprint == PublicKey(meter.curve, meter.point).fingerprint


@pytest.mark.parametrize("curve", sorted(CURVES))
def test_two_coordinates_are_a_point_of_one_curve_alone(curve):
    """As EDL40's makers print a key, without the byte that says how it is written."""
    meter = Meter(curve)
    for point in (meter.point, meter.point[1:]):
        for text in (point.hex(), point.hex().upper(), point.hex(" ", 2), packed(point)):
            found = read_public_key(text)
            assert (found.curve, found.point) == (meter.curve, meter.point)
    spoilt = meter.point[1:-1] + bytes((meter.point[-1] ^ 1,))
    with pytest.raises(UnreadableKey, match="point"):
        read_public_key(spoilt.hex())


def test_one_coordinate_needs_its_curve():
    point = METER.private.verifying_key.to_string("compressed").hex()
    assert read_public_key(point, CURVES["secp256r1"]).fingerprint == KEY.fingerprint
    with pytest.raises(UnreadableKey, match="say which curve"):
        read_public_key(point)
    with pytest.raises(UnreadableKey, match="not a point of secp384r1"):
        read_public_key(METER.point.hex(), CURVES["secp384r1"])


@pytest.mark.parametrize(
    "text", ["", "key", "3059", HEX[:-2], HEX + "00", "{", "é" * 9, "A" * 9999]
)
def test_what_is_no_key_is_refused_in_words(text):
    with pytest.raises(UnreadableKey) as refusal:
        read_public_key(text)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    ("spelt", "name"),
    [
        ("NIST P-256", "secp256r1"),
        ("nistp256", "secp256r1"),
        ("P-192", "secp192r1"),
        ("p-224", "secp224r1"),
        ("P384", "secp384r1"),
        ("NIST P-521", "secp521r1"),
        ("prime192v1", "secp192r1"),
        ("prime256v1", "secp256r1"),
        ("prime384v1", "secp384r1"),
        ("SECP_256K1", "secp256k1"),
        ("brainpool384r1", "brainpoolP384r1"),
        ("BrainpoolP-512r1", "brainpoolP512r1"),
    ],
)
def test_a_curve_is_known_by_every_name_that_the_standards_give_it(spelt, name):
    assert curve_named(spelt) is CURVES[name]


@pytest.mark.parametrize("name", ["", "P-255", "secp256", "prime256v2", "ed25519"])
def test_no_curve_is_guessed(name):
    assert curve_named(name) is None


def test_a_key_with_more_in_it_than_a_point_is_refused():
    more = DER + b"\x05\x00"  # inside of the sequence, after the point
    with pytest.raises(UnreadableKey, match="parts"):
        read_public_key((more[:1] + bytes((more[1] + 2,)) + more[2:]).hex())
    unused_bits = HEX.replace("03420004", "03420104")
    with pytest.raises(UnreadableKey, match="parts"):
        read_public_key(unused_bits)


def test_a_key_on_a_curve_that_nobody_verifies_is_unsupported():
    with pytest.raises(UnsupportedKey, match=r"1\.2\.840"):
        read_public_key(HEX.replace("06082a8648ce3d030107", "06082a8648ce3d030177"))


def by_parameters(curve, point_encoding="uncompressed"):
    """A key whose curve is written out, by a library that is not ours."""
    return Meter(curve).private.verifying_key.to_der(point_encoding, "explicit")


@pytest.mark.parametrize("point_encoding", ["uncompressed", "compressed"])
@pytest.mark.parametrize("curve", CURVES)
def test_a_curve_that_is_given_by_its_parameters_is_known_again(curve, point_encoding):
    key = read_public_key(by_parameters(curve, point_encoding).hex())
    assert key.curve is CURVES[curve]
    assert key.fingerprint == read_public_key(Meter(curve).public_key).fingerprint


def parts_of_curve(curve):
    """The numbers that make up a curve, as they stand in the key."""
    foreign, size = CURVES[curve].foreign, CURVES[curve].size
    field = foreign.curve
    a = int(field.a()) % int(field.p())
    base = int(foreign.generator.x()).to_bytes(size)
    numbers = {"prime": field.p(), "a": a, "b": field.b(), "order": foreign.order}
    return {"base": base} | {name: int(each).to_bytes(size) for name, each in numbers.items()}


@pytest.mark.parametrize("name", ["prime", "a", "b", "base", "order"])
@pytest.mark.parametrize("curve", ["secp256r1", "brainpoolP384r1"])
def test_a_curve_with_one_parameter_changed_is_none_that_is_verified(curve, name):
    der, part = by_parameters(curve), parts_of_curve(curve)[name]
    assert der.count(part) == 1
    changed = der.replace(part, part[:-1] + bytes((part[-1] ^ 1,)))
    with pytest.raises(UnsupportedKey, match="given by its parameters"):
        read_public_key(changed.hex())


def test_a_curve_with_another_cofactor_is_none_that_is_verified():
    order = parts_of_curve("secp256r1")["order"]
    der = by_parameters("secp256r1")
    assert der.count(order + b"\x02\x01\x01") == 1
    changed = der.replace(order + b"\x02\x01\x01", order + b"\x02\x01\x02")
    with pytest.raises(UnsupportedKey, match="given by its parameters"):
        read_public_key(changed.hex())


def test_a_curve_over_another_kind_of_field_is_refused():
    prime_field, two_field = (
        bytes.fromhex("06072a8648ce3d0101"),
        bytes.fromhex("06072a8648ce3d0102"),
    )
    der = by_parameters("secp256r1").replace(prime_field, two_field)
    with pytest.raises(UnreadableKey, match="prime order"):
        read_public_key(der.hex())


@given(data=st.data())
def test_no_byte_of_a_curve_s_parameters_makes_the_reader_fail(data):
    der = bytearray(by_parameters("secp256r1"))
    for _ in range(data.draw(st.integers(1, 3))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UnreadableKey, UnsupportedKey):
        read_public_key(bytes(der).hex())


def test_a_record_is_verified_under_a_key_with_parameters():
    meter = Meter("brainpoolP256r1")
    key = MeterKey("M-1", read_public_key(by_parameters("brainpoolP256r1").hex()))
    assert state_with(key, record=meter.ocmf(charge())) == ("valid", set())


@pytest.mark.parametrize("curve", ["secp256r1", "secp192k1"])
def test_a_point_beside_the_curve_is_no_key(curve):
    point = bytearray(Meter(curve).point)
    point[-1] ^= 1
    with pytest.raises(UnreadableKey, match="not a point"):
        holds(PublicKey(CURVES[curve], bytes(point)), b"", "SHA256", 1, 1)


def test_a_signature_that_leads_to_infinity_is_wrong_and_no_crash():
    meter = Meter("secp192k1", seed=5)
    order, secret = int(meter.curve.foreign.order), 1005
    from hashlib import sha256

    digest = int.from_bytes(sha256(b"x").digest()[:24])
    r = -digest * pow(secret, -1, order) % order
    assert not holds(PublicKey(meter.curve, meter.point), b"x", "SHA256", r, 1)


def state_with(*keys, record=None):
    found = verify([Carried((record or METER.ocmf(charge())).encode())], KeyRegistry(keys))
    return found.state, {each.code for each in found.findings}


@pytest.mark.parametrize(
    ("window", "state", "code"),
    [
        ({}, "valid", None),
        ({"valid_from": BEGIN}, "valid", None),
        ({"valid_from": END}, "no_key", "key_not_yet_valid"),
        ({"valid_from": END + DAY}, "no_key", "key_not_yet_valid"),
        ({"valid_until": END + DAY}, "valid", None),
        ({"valid_until": END}, "no_key", "key_expired"),
        ({"revoked_at": END + DAY, "revoked_for": REPLACED}, "valid", None),
        ({"revoked_at": END, "revoked_for": REPLACED}, "no_key", "key_revoked"),
        ({"revoked_at": END + DAY, "revoked_for": COMPROMISED}, "no_key", "key_revoked"),
    ],
)
def test_a_key_counts_only_for_readings_in_its_window(window, state, code):
    found, codes = state_with(MeterKey("M-1", KEY, **window))
    assert found == state
    assert codes == ({code} if code else set())


def test_after_a_rotation_each_reading_has_the_key_of_its_time():
    old, new = Meter(seed=1), Meter(seed=2)
    keys = (
        MeterKey("M-1", read_public_key(old.public_key), valid_until=END + DAY),
        MeterKey("M-1", read_public_key(new.public_key), valid_from=END + DAY),
    )
    later = json.loads(json.dumps(charge()).replace("2026-03-01", "2026-03-20"))
    assert state_with(*keys, record=old.ocmf(charge()))[0] == "valid"
    assert state_with(*keys, record=new.ocmf(charge()))[0] == "invalid"
    assert state_with(*keys, record=new.ocmf(later))[0] == "valid"
    assert state_with(*keys, record=old.ocmf(later))[0] == "invalid"


def test_while_two_keys_are_in_use_either_verifies():
    keys = [MeterKey("M-1", read_public_key(Meter(seed=n).public_key)) for n in (1, 2)]
    for seed in (1, 2):
        assert state_with(*keys, record=Meter(seed=seed).ocmf(charge()))[0] == "valid"


def test_a_key_from_the_message_never_stands_in_for_a_registered_one():
    forger = Meter(seed=9)
    record = Carried(forger.ocmf(charge()).encode(), forger.public_key)
    known = MeterKey("M-1", KEY)
    assert verify([record], KeyRegistry()).state == "valid"
    assert not verify([record], KeyRegistry()).proves_energy
    found = verify([record], KeyRegistry([known]))
    assert found.state == "invalid"
    assert {each.code for each in found.findings} == {"key_not_in_registry", "signature_wrong"}
    expired = MeterKey("M-1", KEY, valid_until=BEGIN)
    assert verify([record], KeyRegistry([expired])).state == "no_key"


def test_the_meter_is_found_by_serial_or_by_its_gateway_in_any_case():
    record = METER.ocmf(charge(), MS="", GS="Gateway-7")
    assert state_with(MeterKey("GATEWAY-7", KEY), record=record)[0] == "valid"
    assert state_with(MeterKey("other", KEY), record=record) == ("no_key", {"no_key"})


def entry(**fields):
    return {"meter": "M-1", "public_key": HEX} | fields


def test_a_key_file_feeds_the_registry():
    file = json.dumps(
        {"keys": [entry(owner="City works", valid_from="2026-01-01T00:00:00Z"), entry(meter="2")]}
    )
    found = read_key_file(file.encode()).find(["m-1"], [BEGIN])
    assert found.keys[0].owner == "City works"
    assert read_key_file(file.encode()).find(["M-1"], [BEGIN - 90 * DAY]).against


def test_a_bare_key_serves_whatever_meter_and_somebody_gave_it():
    found = verify([Carried(METER.ocmf(charge()).encode())], read_key_file(HEX.encode()))
    assert found.proves_energy
    assert found.records[0].key.source == "given"


@pytest.mark.parametrize(
    "entries",
    [
        [1],
        [{}],
        [entry(meter=7)],
        [entry(public_key="")],
        [entry(valid_from="2026-01-01")],
        [entry(valid_from="soon")],
        [entry(revoked_at="2026-01-01T00:00:00Z")],
        [entry(revoked_for="replaced")],
        [entry(revoked_at="2026-01-01T00:00:00Z", revoked_for="whim")],
        [entry(validfrom="2026-01-01T00:00:00Z")],
        [entry(), entry(curve="secp999r1")],
    ],
)
def test_a_bad_key_file_names_the_key_and_what_is_wrong(entries):
    with pytest.raises((UnreadableKey, UnsupportedKey), match=f"Key {len(entries)} of the file"):
        read_key_file(json.dumps({"keys": entries}).encode())


@given(st.binary(max_size=300))
def test_any_bytes_as_a_key_file_are_read_or_refused(data):
    with contextlib.suppress(UnreadableKey, UnsupportedKey):
        assert isinstance(read_key_file(data), KeyRegistry)
