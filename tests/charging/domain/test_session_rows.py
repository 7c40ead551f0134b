"""What a row says, and every reason against believing it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from charging.domain.profiles import GENERIC, PERTH_KINROSS, Profile
from charging.domain.session_rows import Period, Reason, Verdict, judge

ALWAYS = Period()


def at(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())


def row(start="01/06/2018 10:00", end="01/06/2018 11:00", kwh="10.5", **other) -> dict[str, str]:
    start_date, _, start_time = start.partition(" ")
    end_date, _, end_time = end.partition(" ")
    return {
        "CP ID": "50838",
        "Connector": "1",
        "Start Date": start_date,
        "Start Time": start_time,
        "End Date": end_date,
        "End Time": end_time,
        "Total kWh": kwh,
        "Site": "Mill Street, Perth",
        "Model": "Rapid",
        **other,
    }


def reasons(outcome) -> set[str]:
    return {problem.reason for problem in outcome.problems}


def test_a_plain_row_becomes_a_charge_in_utc_and_whole_wh():
    charge = judge(row(), PERTH_KINROSS, ALWAYS).charge
    assert charge.started == at(2018, 6, 1, 9)
    assert charge.ended == at(2018, 6, 1, 10)
    assert charge.energy_wh == 10_500
    assert charge.uid == "50838-1-20180601T0900Z"
    assert charge.raw_energy == "10.5"


def test_consumption_rounds_up_so_that_coverage_is_never_overstated():
    assert judge(row(kwh="0.0001"), PERTH_KINROSS, ALWAYS).charge.energy_wh == 1


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"end": ""}, {Reason.NO_END}),
        ({"kwh": "0"}, {Reason.NOT_POSITIVE}),
        ({"kwh": "-1"}, {Reason.NOT_POSITIVE}),
        ({"kwh": "many"}, {Reason.NO_ENERGY}),
        ({"kwh": "NaN"}, {Reason.NO_ENERGY}),
        ({"end": "01/01/1970 01:00"}, {Reason.NOT_FORWARD}),
        ({"end": "01/01/1970 01:00", "kwh": "0"}, {Reason.NOT_FORWARD, Reason.NOT_POSITIVE}),
        ({"end": "02/06/2018 10:01"}, {Reason.OVER_A_DAY}),
        ({"kwh": "131.001"}, {Reason.OVER_POWER}),
        ({"start": ""}, {Reason.NO_START}),
        ({"CP ID": ""}, {Reason.NO_CHARGER}),
    ],
)
def test_a_row_is_rejected_with_every_reason(fields, expected):
    outcome = judge(row(**fields), PERTH_KINROSS, ALWAYS)
    assert outcome.verdict is Verdict.REJECTED
    assert reasons(outcome) == expected


def test_a_stamp_that_is_none_names_what_was_expected():
    outcome = judge(row(start="2018.06.01 10:00"), PERTH_KINROSS, ALWAYS)
    assert outcome.verdict is Verdict.REJECTED
    assert "Expected dd/mm/yyyy" in outcome.problems[0].reason


def test_a_full_day_and_full_power_are_still_believed():
    day = judge(row(end="02/06/2018 10:00"), PERTH_KINROSS, ALWAYS)
    power = judge(row(kwh="131"), PERTH_KINROSS, ALWAYS)
    assert day.verdict is power.verdict is Verdict.ACCEPTED


def test_rows_are_selected_by_their_start_in_utc():
    june = Period(at(2018, 6, 1), at(2018, 7, 1))
    before = judge(row("01/06/2018 00:30", "01/06/2018 01:30"), PERTH_KINROSS, june)
    inside = judge(row("01/06/2018 01:00", "01/06/2018 01:30"), PERTH_KINROSS, june)
    assert (before.verdict, inside.verdict) == (Verdict.SKIPPED, Verdict.ACCEPTED)


def test_a_bad_row_outside_the_period_is_skipped_and_not_rejected():
    july = Period(at(2018, 7, 1), None)
    assert judge(row(kwh="0"), PERTH_KINROSS, july).verdict is Verdict.SKIPPED


def test_a_start_in_the_repeated_hour_that_may_mean_two_instants_is_held():
    outcome = judge(row("28/10/2018 01:30", "28/10/2018 03:00"), PERTH_KINROSS, ALWAYS)
    assert outcome.verdict is Verdict.HELD
    assert reasons(outcome) == {Reason.TWO_MEANINGS}


def test_a_clock_that_runs_backwards_in_the_repeated_hour_means_one_thing():
    charge = judge(row("28/10/2018 01:50", "28/10/2018 01:10"), PERTH_KINROSS, ALWAYS).charge
    assert (charge.started, charge.ended) == (at(2018, 10, 28, 0, 50), at(2018, 10, 28, 1, 10))


def test_too_much_power_for_the_short_reading_leaves_the_long_one():
    outcome = judge(row("28/10/2018 01:50", "28/10/2018 02:00", "40"), PERTH_KINROSS, ALWAYS)
    assert outcome.charge.started == at(2018, 10, 28, 0, 50)
    assert outcome.charge.ended == at(2018, 10, 28, 2)


def test_a_stated_duration_decides_what_the_repeated_hour_means():
    profile = Profile(
        **{
            name: getattr(PERTH_KINROSS, name)
            for name in PERTH_KINROSS.__dataclass_fields__
            if name != "duration_minutes"
        },
        duration_minutes="Minutes",
    )
    night = ("28/10/2018 01:30", "28/10/2018 03:00")
    short = judge(row(*night, Minutes="90"), profile, ALWAYS)
    long = judge(row(*night, Minutes="150"), profile, ALWAYS)
    other = judge(row(*night, Minutes="5"), profile, ALWAYS)
    assert short.charge.started == at(2018, 10, 28, 1, 30)
    assert long.charge.started == at(2018, 10, 28, 0, 30)
    assert reasons(other) == {Reason.OTHER_DURATION}


def test_a_time_that_the_clock_skips_is_held():
    outcome = judge(row("25/03/2018 01:30", "25/03/2018 03:00"), PERTH_KINROSS, ALWAYS)
    assert outcome.verdict is Verdict.HELD
    assert reasons(outcome) == {Reason.NO_SUCH_TIME}


def test_a_charge_across_the_spring_change_is_an_hour_shorter_than_it_looks():
    charge = judge(row("25/03/2018 00:30", "25/03/2018 02:30"), PERTH_KINROSS, ALWAYS).charge
    assert charge.ended - charge.started == 3600


def test_a_profile_without_a_zone_wants_an_offset():
    fields = {
        "session_id": "a1",
        "charger": "X",
        "connector": "1",
        "started_at": "2018-06-01T10:00:00+02:00",
        "ended_at": "2018-06-01T11:00:00+02:00",
        "energy_kwh": "1",
        "site": "S",
    }
    charge = judge(fields, GENERIC, ALWAYS).charge
    assert (charge.uid, charge.started) == ("A1", at(2018, 6, 1, 8))
    bare = judge({**fields, "ended_at": "2018-06-01T11:00:00"}, GENERIC, ALWAYS)
    assert reasons(bare) == {Reason.NO_OFFSET}


@pytest.mark.parametrize(
    "kwh", ["1E999999", "1_000", "\u0661\u0662", "1 000", "12 kWh", "--1", "1e"]
)
def test_a_number_that_only_a_program_would_read_is_none(kwh):
    outcome = judge(row(kwh=kwh), PERTH_KINROSS, ALWAYS)
    assert reasons(outcome) == {Reason.NO_ENERGY}


@pytest.mark.parametrize(("kwh", "wh"), [("1.05E+1", 10_500), ("+.5", 500), ("7.", 7_000)])
def test_a_number_as_spreadsheets_write_it_is_read(kwh, wh):
    assert judge(row(kwh=kwh), PERTH_KINROSS, ALWAYS).charge.energy_wh == wh


def test_a_date_without_a_time_is_not_midnight():
    whole = replace(GENERIC, timezone="UTC")
    fields = {"charger": "X", "energy_kwh": "1", "started_at": "2018-06-01"}
    outcome = judge({**fields, "ended_at": "2018-06-01T03:00"}, whole, ALWAYS)
    assert outcome.verdict is Verdict.REJECTED
    assert "Expected a time of day" in outcome.problems[0].reason


def test_a_time_in_the_column_of_dates_is_not_written_over():
    profile = replace(PERTH_KINROSS, stamps=("ISO 8601",))
    outcome = judge(row(**{"Start Date": "2018-06-01 07:30"}), profile, ALWAYS)
    assert "Expected a date without a time" in outcome.problems[0].reason


@pytest.mark.parametrize(
    ("stamp", "start", "end"),
    [
        ("mm/dd/yyyy", "06/13/2018 11:30 PM", "06/14/2018 12:10 am"),
        ("mm/dd/yyyy", "6/13/2018 11:30:00 p.m.", "6/14/2018 0:10"),
        ("yyyy/mm/dd", "2018/06/13 23:30", "2018/06/14 00:10:00.250"),
        ("dd-mm-yyyy", "13-06-2018 23:30", "14-06-2018 00:10"),
        ("dd.mm.yyyy", "13.06.2018 23:30", "14.06.2018 00:10"),
        ("ISO 8601", "2018-06-13T23:30", "20180614T0010"),
    ],
)
def test_every_way_of_writing_a_night_means_the_same(stamp, start, end):
    profile = replace(GENERIC, stamps=(stamp,), timezone="UTC")
    fields = {"charger": "X", "energy_kwh": "1", "started_at": start, "ended_at": end}
    charge = judge(fields, profile, ALWAYS).charge
    assert (charge.started, charge.ended) == (at(2018, 6, 13, 23, 30), at(2018, 6, 14, 0, 10))


@pytest.mark.parametrize("clock", ["13:30 pm", "0:10 am", "25:00", "10:61", "10", "10:00 xm"])
def test_a_clock_that_shows_no_time_is_none(clock):
    outcome = judge(row(**{"Start Time": clock}), PERTH_KINROSS, ALWAYS)
    assert outcome.verdict is Verdict.REJECTED


def test_a_date_that_is_two_dates_is_held_with_both():
    profile = replace(GENERIC, stamps=("dd/mm/yyyy", "mm/dd/yyyy"), timezone="UTC")
    fields = {"charger": "X", "energy_kwh": "1", "started_at": "03/04/2018 10:00"}
    outcome = judge({**fields, "ended_at": "03/04/2018 11:00"}, profile, ALWAYS)
    assert (outcome.verdict, reasons(outcome)) == (Verdict.HELD, {Reason.TWO_DATES})
    starts = {each.charge.started for each in outcome.proposals}
    assert starts == {at(2018, 4, 3, 10), at(2018, 3, 4, 10)}
    plain = judge(
        {**fields, "started_at": "13/04/2018 10:00", "ended_at": "04/13/2018 11:00"},
        profile,
        ALWAYS,
    )
    assert plain.charge.ended - plain.charge.started == 3600
