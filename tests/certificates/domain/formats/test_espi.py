"""Green Button: units, multipliers, directions, and XML from strangers."""

import pytest

from certificates.domain.meter_lines import ESTIMATED, MEASURED
from certificates.errors import MeterFileRefused, WrongFormat
from tests.certificates.domain.formats.making import (
    basis,
    built,
    espi,
    is_complete,
    reading,
    sample,
    total_wh,
)

START = 1514764800 // 60


def test_nine_days_of_hours_have_their_known_answers():
    one = built(sample("green_button_hourly_nine_days.xml"))
    assert total_wh(one) == (199_563, 0)
    assert (len(one.lines.raw), one.lines.length) == (216, 60)
    (register,) = reading(sample("green_button_hourly_nine_days.xml")).registers
    assert register.direction == "import"


@pytest.mark.parametrize(("flow", "direction"), [(1, "import"), (19, "export"), (4, "")])
def test_the_flow_says_the_direction(flow, direction):
    (register,) = reading(espi(1, flow=flow)).series.registers
    assert register.direction == direction


@pytest.mark.parametrize(("power", "wh"), [(0, 1234), (3, 1_234_000), (-3, 1), (-1, 123)])
def test_the_multiplier_shifts_the_point_exactly(power, wh):
    assert built(espi(1234, power=power)).lines.wh[0] == wh


def test_watts_are_mean_power_over_the_interval():
    read = reading(espi(1000, 2000, uom=38, duration=900))
    assert basis(read, "unit") == ("w", "stated")
    assert list(built(espi(1000, 2000, uom=38, duration=900)).lines.wh) == [250, 500]


def test_reactive_energy_is_no_register_of_energy():
    assert reading(espi(1, uom=73)).registers == []


def test_times_are_utc_and_lines_are_the_files_own():
    lines = built(espi(5, 7)).lines
    assert list(lines.minute) == [START, START + 60]
    assert lines.line[0] == 5


def test_a_reading_s_quality_is_kept():
    estimated = "<ReadingQuality><quality>8</quality></ReadingQuality>"
    assert list(built(espi(1, quality=estimated)).lines.quality) == [ESTIMATED]
    assert list(built(espi(1)).lines.quality) == [MEASURED]


def test_a_value_that_is_no_number_is_named_with_its_line():
    text = espi(1, 2).replace("<value>2</value>", "<value>two</value>")
    one = built(text)
    (problem,) = one.lines.problems
    assert (problem.field, problem.value, problem.line) == ("value", "two", 5)
    assert is_complete(one)


@pytest.mark.parametrize(
    "trick",
    [
        '<!DOCTYPE feed [<!ENTITY a "b">]>',
        '<!DOCTYPE feed SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE lolz [<!ENTITY a "&b;&b;"><!ENTITY b "&c;&c;"><!ENTITY c "c">]>',
    ],
)
def test_entities_and_document_types_are_never_read(trick):
    head, _, body = espi(1).partition("\n")
    with pytest.raises(WrongFormat, match="document type"):
        reading(f"{head}\n{trick}\n{body}")


def test_a_deep_tree_is_refused():
    with pytest.raises(WrongFormat, match="too deep"):
        reading("<a>" * 10_000)


def test_a_broken_feed_is_refused():
    with pytest.raises(MeterFileRefused, match="well-formed"):
        reading(espi(1)[:-20])
