"""Whatever a file holds, it is read or refused with a typed error, in bounded time."""

import resource
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certificates.domain.formats.build import build
from certificates.domain.formats.file import FileRead, layout_of
from certificates.domain.formats.findings import findings
from certificates.domain.formats.infer import Hints
from certificates.errors import MeterFileRefused, UploadTooLarge
from tests.certificates.domain.formats.making import GOOD, is_complete, reading, sample, stream_of

HINTS = Hints(2_000_000, "Europe/London", is_solar=True, longitude=10.5, usual_length=30)
HEADS = [b"UNA:+,? '", b"UNB+", b"100,NEM12,", b"<?xml", b"<feed>", b"{", b"[", b"PK\x03\x04", b""]
SAMPLES = [*GOOD.values(), sample("nem12_multiple_quality.csv")]


def swallow(content: bytes) -> FileRead | None:
    """Read every register of it, or be refused."""
    try:
        layout_of(stream_of(content))
        read = reading(content, hints=HINTS)
    except MeterFileRefused as error:
        refused = str(error)
    else:
        refused = ""
    if refused:
        assert 10 < len(refused) < 1_500
        return None
    for key, register in enumerate(read.series.registers[:5]):
        one = build(read.series, key, read.choices, HINTS)
        assert is_complete(one)
        assert all(0 <= rest < 1_000_000 for rest in one.lines.remainder)
        findings(one, read.choices, register, HINTS)
    return read


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(HEADS), st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(head, rest):
    swallow(head + rest)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(HEADS), st.text(max_size=300))
def test_any_text_is_read_or_refused(head, rest):
    swallow(head + rest.encode("utf-8", "surrogatepass"))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(SAMPLES),
    st.lists(
        st.tuples(
            st.floats(0, 1, exclude_max=True),
            st.integers(0, 12),
            st.one_of(
                st.binary(max_size=8),
                st.sampled_from(
                    [b"9" * 30, b"-1e999999", b"NaN", b"\n", b"?", b"'", b",,,,", b"0" * 99]
                ),
            ),
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_a_sample_with_pieces_changed_is_read_or_refused(content, changes):
    changed = bytearray(content)
    for where, length, piece in changes:
        place = int(where * len(changed))
        changed[place : place + length] = piece
    swallow(bytes(changed))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(SAMPLES), st.floats(0, 1))
def test_a_sample_that_is_cut_off_is_read_or_refused(content, where):
    swallow(content[: int(where * len(content))])


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 5_000_000,
        b'{"readings":' + b"[" * 100_000,
        b"<a>" * 1_000_000,
        b"<a " + b'b="c" ' * 1_000_000 + b"/>",
        b"100,NEM12,x\n" + b"200,N,B1,B1,B1,,S,kWh,1,\n" * 100_000,
        b"100,NEM12,x\n200,N,B1,B1,B1,,S,kWh,30,\n300,20180101\n" + b"400,1,1,A\n" * 300_000,
        b"UNA:+,? '" + b"QTY+220:1'" * 100_000,
        b"UNA:+,? '" + b"?" * 1_000_000,
        b"start,kwh\n" + b"1970-01-01T00:00Z,1e-999999\n" * 20_000,
        b"start,kwh\n" + b"1970-01-01T00:00Z,-1e-400000\n" * 20_000,
        b"start,kwh\n1900-01-02T00:00Z,1\n9997-01-01T00:00Z,1\n1900-01-02T01:00Z,1\n",
        b"start;" + b"kwh;" * 20_000 + b"\n",
    ],
    ids=lambda content: content[:24].decode("latin-1"),
)
def test_what_is_made_to_exhaust_is_over_soon_and_small(content):
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    swallow(content)
    assert time.process_time() - started < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000  # kB


def test_many_registers_named_again_and_again_are_found_at_once():
    rows = "\n".join(f"200,NMI{n % 1_900},B1,B1,B1,,S,kWh,30," for n in range(100_000))
    started = time.process_time()
    with pytest.raises(MeterFileRefused, match="no record 300"):
        reading(f"100,NEM12,x\n{rows}\n900\n")
    assert time.process_time() - started < 5


def test_thousands_of_registers_are_too_many():
    rows = "\n".join(f"200,NMI{n},B1,B1,B1,,S,kWh,30," for n in range(3_000))
    with pytest.raises(UploadTooLarge, match="registers"):
        reading(f"100,NEM12,x\n{rows}\n900\n")
