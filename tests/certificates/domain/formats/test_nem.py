"""NEM12 and NEM13: registers, qualities and lengths, compared with another reader."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nemreader import NEMFile

from certificates.domain.meter_lines import CALCULATED, ESTIMATED, MEASURED
from tests.certificates.domain.formats.making import (
    SAMPLES,
    basis,
    built,
    is_complete,
    nem12,
    nem_day,
    reading,
    sample,
    total_wh,
)

GOOD = ("month_solar", "multiple_quality", "substituted_interval", "partialchannel")


def test_a_month_of_sun_has_its_known_answers():
    export = built(sample("nem12_month_solar.csv"))
    taken = built(sample("nem12_month_solar.csv"), {"@key": "NMI1234567 E1"})
    assert total_wh(export) == (589_172, 0)
    assert total_wh(taken) == (270_738, 0)
    # 31 days of 5 minutes, summed by threes.
    assert (len(export.lines.raw), export.lines.merged, export.lines.length) == (2_976, 5_952, 15)


def test_b_is_fed_in_and_taken_by_default():
    read = reading(sample("nem12_month_solar.csv"))
    assert {one.name: one.direction for one in read.registers} == {
        "NMI1234567 B1": "export",
        "NMI1234567 E1": "import",
    }
    assert basis(read, "key") == ("NMI1234567 B1", "stated")


# The other reader leaves its files open.
@pytest.mark.filterwarnings("ignore:unclosed file", "ignore:Exception ignored in")
@pytest.mark.parametrize("name", [f"nem12_{one}.csv" for one in (*GOOD, "western_power")])
def test_every_value_is_what_another_reader_finds(name):
    found = NEMFile(str(SAMPLES / name), strict=True).nem_data().readings
    read = reading(sample(name))
    for place, register in enumerate(read.series.registers):
        if register.direction == "other":
            continue
        nmi, suffix = register.name.split()
        theirs = [Decimal(str(one.read_value)) for one in found[nmi][suffix]]
        ours = [
            Decimal(amount) / 10**9
            for key, amount in zip(read.series.key, read.series.amount, strict=True)
            if key == place
        ]
        assert ours == theirs
        starts = [one.t_start for one in found[nmi][suffix]]
        assert starts[0].hour * 60 + starts[0].minute == 0 == read.series.at[0] % 1440


def test_the_clock_is_market_time_unless_somebody_says_western_australia():
    minute = built(nem12(nem_day("20180101", ["1"] * 48))).lines.minute[0]
    western = built(nem12(nem_day("20180101", ["1"] * 48)), {"@zone": "+08:00"}).lines.minute[0]
    assert minute % 1440 == 14 * 60
    assert western - minute == 120


def test_quality_by_ranges_overrides_the_day():
    lines = built(sample("nem12_multiple_quality.csv")).lines
    assert Counter(lines.quality) == {CALCULATED: 20, MEASURED: 4, ESTIMATED: 24}
    assert list(lines.quality[19:25]) == [CALCULATED, *[MEASURED] * 4, ESTIMATED]


def test_a_final_substitute_is_calculated():
    assert set(built(sample("nem12_substituted_interval.csv")).lines.quality) == {CALCULATED}


def test_an_interval_of_quality_v_without_a_range_is_named():
    lines = built(nem12(nem_day("20180101", ["1"] * 48, "V"), "400,1,47,A,,")).lines
    (problem,) = lines.problems
    assert (problem.line, problem.field) == (3, "interval 48")
    assert "no record 400" in problem.reason


def test_a_null_is_left_out_and_counted():
    lines = built(nem12(nem_day("20180101", ["1"] * 48, "V"), "400,1,40,A", "400,41,48,N")).lines
    assert (len(lines.raw), lines.unobserved) == (40, 8)


def test_reactive_energy_and_voltage_are_no_registers_of_energy():
    read = reading(sample("nem12_different_interval_length.csv"))
    assert [one.name for one in read.registers] == ["C123 E1", "C123 E2"]


def test_a_day_with_too_few_values_says_how_many_there_should_be():
    one = built(sample("invalid_nem12_15min_200_30min_300.csv"))
    (problem,) = one.lines.problems
    assert "has 48 values; record 200 says 15 minutes, which makes 96" in problem.reason
    assert is_complete(one)


def test_a_day_without_values_is_named_and_the_next_is_read():
    lines = built(sample("invalid_nem12_incomplete_interval.csv"), {"@key": "VABD000163 E1"}).lines
    assert [problem.line for problem in lines.problems] == [3]
    assert (len(lines.raw), sum(lines.wh)) == (48, 53_328)


def test_a_total_of_months_is_too_coarse_and_says_so():
    read = reading(sample("nem13_consumption.csv"))
    ((_, problem),) = read.series.problems
    assert problem.value == "1312.1 kWh"
    assert "from 20031005 to 20040107" in problem.reason


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["300,20180101,1"], "record 300"),
        (["400,1,2,A"], "record 400"),
        (["200,N,B1,B1,B1,,S,kWh,7,"], "1 to 60 minutes"),
        (["777,what"], "no record of NEM12"),
        (["200,N,B1,B1,B1,,S,kWh,30,", "300,20181301," + "1," * 48 + "A"], "no date"),
    ],
)
def test_a_record_out_of_place_is_named(lines, words):
    series = reading("\n".join(["100,NEM12,202304120954,A,B", *lines, "900"])).series
    assert any(words in f"{one.field} {one.reason}" for _, one in series.problems)


@given(
    st.sampled_from([1, 5, 10, 15, 30]),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=5),
)
def test_summing_short_intervals_loses_nothing(length, seeds):
    count = 1440 // length
    values = [f"{seeds[n % len(seeds)] / 1000:.3f}" for n in range(count)]
    one = built(nem12(nem_day("20180101", values), length=length))
    milli = sum(int(value.replace(".", "")) for value in values)
    assert total_wh(one) == (milli, 0)
    assert one.lines.length == max(length, 15) if length != 10 else 30
    assert is_complete(one)
