"""Tables of text and sheets: delimiters, decimals, headers, units, stamps, registers."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.formats.build import SENTINELS
from certificates.domain.formats.infer import Hints
from certificates.errors import ColumnsMissing
from ledger.domain.calls import MAX_AMOUNT_WH
from tests.certificates.domain.formats.making import (
    basis,
    built,
    is_complete,
    local_days,
    reading,
    table,
)

PLANT = Hints(capacity_w=2_000_000, zone="Europe/London")
FIRST = datetime.fromisoformat("2018-01-01T00:00")


def hours(*values: str, start="2018-01-01T00:00", form="%Y-%m-%d %H:%M", step=60) -> list[str]:
    first = datetime.fromisoformat(start)
    stamps = [first + timedelta(minutes=step * n) for n in range(len(values))]
    return [f"{at:{form}},{value}" for at, value in zip(stamps, values, strict=True)]


def test_a_start_date_and_a_start_time_are_one_time():
    rows = [f"31/01/2018,{n:02}:00,x,{n}" for n in range(3)]
    one = built(table("Start Date,Start Time,Site,kwh", *rows), {"@zone": "UTC"})
    assert (list(one.lines.wh), one.lines.problems) == ([0, 1000, 2000], [])


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", "^", "~"])
def test_any_delimiter_is_found(mark):
    text = table("start_utc,kwh", *hours("1", "2"), mark=mark)
    assert list(built(text).lines.wh) == [1000, 2000]


def test_a_german_portal_s_file_is_read():
    rows = [f"{day:02}.01.2018 00:00;1.234,5" for day in range(13, 15)]
    text = "\n".join(["Zeitstempel;Einspeisung [kWh]", *rows])
    read = reading(text, hints=Hints(zone="Europe/Berlin"))
    assert basis(read, "decimal") == (",", "stated")
    assert basis(read, "dates") == ("dmy", "stated")
    assert basis(read, "zone") == ("Europe/Berlin", "guessed")
    assert list(built(text, {"@zone": "UTC"}).lines.wh) == [1_234_500] * 2


def test_a_point_in_a_file_of_commas_is_not_guessed_at():
    rows = ["2018-01-01 00:00;1,5", "2018-01-01 01:00;1.234"]
    (problem,) = built("\n".join(["start_utc;kwh", *rows]), {"@decimal": ","}).lines.problems
    assert "decimals are written with a comma" in problem.reason


def test_lines_above_the_header_are_passed_over():
    text = table("Plant,Somewhere", "", "start_utc,kwh", *hours("1", "2"))
    lines = built(text).lines
    assert list(lines.line) == [4, 5]


def test_a_file_without_header_has_numbered_columns_to_choose():
    text = "\n".join(hours("1", "2"))
    with pytest.raises(ColumnsMissing) as missing:
        reading(text)
    assert missing.value.names == ["column 1", "column 2"]
    chosen = {"@energy": "column 2", "@unit": "kwh", "@zone": "UTC"}
    assert list(built(text, chosen).lines.wh) == [1000, 2000]


def test_names_that_say_nothing_can_be_mapped():
    text = table("wann,wieviel", *hours("1", "2"))
    with pytest.raises(ColumnsMissing, match="wann, wieviel"):
        reading(text)
    chosen = {"@start": "wann", "@energy": "wieviel", "@unit": "mwh", "@zone": "UTC"}
    assert list(built(text, chosen).lines.wh) == [1_000_000, 2_000_000]


def test_day_and_clock_in_two_columns_are_one_time():
    text = table("date,time,kwh", "2018-01-01,00:00,1", "2018-01-01,01:00,2")
    assert list(built(text, {"@zone": "UTC"}).lines.minute)[1] % 1440 == 60


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("Energy (kWh)", "kwh"),
        ("energy_export_kwh", "kwh"),
        ("Power [kW]", "kw"),
        ("P_AC MW", "mw"),
        ("Ertrag Wh", "wh"),
    ],
)
def test_the_unit_is_read_from_the_name(name, unit):
    assert basis(reading(table(f"start_utc,{name}", *hours("1", "2"))), "unit") == (unit, "stated")


@pytest.mark.parametrize(("value", "unit"), [("1500000", "wh"), ("1500", "kwh"), ("1.5", "mwh")])
def test_the_unit_is_guessed_by_the_capacity_and_only_guessed(value, unit):
    read = reading(table("start_utc,energy", *hours(value, "0")), hints=PLANT)
    assert basis(read, "unit") == (unit, "guessed")


@given(st.integers(-(10**9), 10**9), st.sampled_from([15, 30, 60]))
def test_mean_power_over_an_interval_is_energy_rounded_down(watts, step):
    text = table("start_utc,power_w", *hours(str(watts), str(watts), step=step))
    plant = Hints(capacity_w=1)
    lines = built(text, {"@length": str(step)}, plant).lines
    if watts in SENTINELS:
        assert not lines.raw
        return
    assert lines.wh[0] * 10**6 + lines.remainder[0] == watts * 10**6 * step // 60


def test_a_stamp_at_the_end_is_shifted_to_the_start():
    text = table("interval_end_utc,kwh", *hours("1", "2", start="2018-01-01T01:00"))
    assert built(text).lines.minute[0] % 1440 == 0
    assert basis(reading(text), "stamp") == ("end", "stated")


def test_days_from_one_step_after_midnight_to_midnight_look_like_ends():
    rows = hours(*["1"] * 96, start="2018-01-01T00:15", step=15)
    assert basis(reading(table("timestamp_utc,kwh", *rows)), "stamp") == ("end", "guessed")


def test_a_register_becomes_what_it_counted_between():
    counts = [str(1000 + n * (n + 1) // 2) for n in range(30)]
    text = table("start_utc,energy kwh total", *hours(*counts))
    one = built(text, {"@counter": "cumulative"})
    assert list(one.lines.wh) == [1000 * n for n in range(1, 30)]
    assert one.lines.unobserved == 1
    assert is_complete(one)
    assert basis(reading(text), "counter") == ("cumulative", "stated")


def test_a_register_that_falls_or_skips_names_the_line():
    rows = hours("10", "11", "12", "3", "4", "5")
    del rows[4]
    lines = built(table("start_utc,kwh", *rows), {"@counter": "cumulative"}).lines
    assert [problem.reason[:12] for problem in lines.problems] == ["the register", "counts over "]
    assert list(lines.wh) == [1000, 1000]


def test_a_register_that_counts_more_than_a_certificate_can_names_the_line():
    most = MAX_AMOUNT_WH
    rows = hours("0", f"{most}", f"{2 * most + 1}", f"{2 * most + 2}")
    one = built(table("start_utc,wh", *rows), {"@counter": "cumulative"})
    assert list(one.lines.wh) == [most, 1]
    (problem,) = one.lines.problems
    assert problem.line == 4
    assert "1,099,511,627,775 Wh" in problem.reason
    assert is_complete(one)


def test_parts_that_sum_to_more_than_a_certificate_can_count_are_refused():
    one = built(table("start_utc,wh", *hours(*["99000000000"] * 120, step=1)))
    assert list(one.lines.wh) == []
    assert {"a certificate counts" in problem.reason for problem in one.lines.problems} == {True}
    assert is_complete(one)


def test_a_sign_can_be_turned():
    text = table("start_utc,kwh", *hours("-1", "-2"))
    assert list(built(text, {"@sign": "reversed"}).lines.wh) == [1000, 2000]


def test_a_device_s_word_for_no_value_is_left_out():
    one = built(table("start_utc,kw", *hours("1", "2", "-1000000.0", "-1000000")))
    assert list(one.lines.wh) == [1000, 2000]
    assert [code for code, _ in one.notes] == ["sentinel"]
    assert len(one.lines.problems) == 2


def test_lines_with_and_without_zone_do_not_mix():
    text = table("start,kwh", "2018-01-01T00:00Z,1", "2018-01-01T01:00,1")
    (problem,) = built(text, {"@zone": "Europe/London"}).lines.problems
    assert "does not say its zone" in problem.reason


def test_five_minutes_of_a_table_are_summed_into_quarters():
    one = built(table("start_utc,kwh", *hours(*"123456", step=5)))
    assert list(one.lines.wh) == [6000, 15_000]
    assert one.lines.raw == ["6000 Wh", "15000 Wh"]
    assert is_complete(one)


def test_a_quarter_of_which_a_part_is_missing_is_not_made_up():
    rows = hours(*"123456", step=5)
    del rows[1]
    lines = built(table("start_utc,kwh", *rows), {"@length": "5"}).lines
    assert list(lines.wh) == [15_000]
    assert [problem.line for problem in lines.problems] == [2, 3]


@pytest.mark.parametrize("is_newest", [False, True])
def test_a_year_on_the_wall_clock_has_every_hour_once(is_newest):
    zone = ZoneInfo("Europe/London")
    labels = local_days(FIRST, 8760, 60, zone)
    rows = [f"{at:%d/%m/%Y %H:%M},1" for at in labels]
    text = table("timestamp,kwh", *(rows[::-1] if is_newest else rows))
    one = built(text, {"@zone": "Europe/London"})
    assert len(set(one.lines.minute)) == 8760
    assert one.lines.problems == []


@given(st.integers(0, 10**14), st.lists(st.integers(0, 10**7), min_size=2, max_size=24))
def test_a_register_may_show_more_than_any_interval(start_kwh, steps):
    counts = [start_kwh]
    for step in steps:
        counts.append(counts[-1] + step)
    one = built(table("start_utc,kwh", *hours(*map(str, counts))), {"@counter": "cumulative"})
    assert list(one.lines.wh) == [step * 1000 for step in steps]
    assert one.lines.problems == []


def test_a_register_that_shows_the_unbelievable_or_jumps_too_far_is_named():
    counts = ["5", "6", "-1", "9000000000007", str(10**15), "7"]
    lines = built(table("start_utc,wh", *hours(*counts)), {"@counter": "cumulative"}).lines
    reasons = {problem.line: problem.reason for problem in lines.problems}
    assert "below zero" in reasons[4]
    assert "too far from" in reasons[5]
    assert "too far from" in reasons[6]
    assert lines.wh[0] == 1


def test_a_growing_column_of_huge_counts_is_taken_for_a_register():
    rows = hours(*[str(2 * 10**13 + n) for n in range(30)])
    assert basis(reading(table("start_utc,wh", *rows)), "counter") == ("cumulative", "guessed")
