"""Doubtful rows: a repair is proposed only where nothing stands against it any more."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charging.domain.profiles import PERTH_KINROSS, PROFILES, STAMPS, mapped
from charging.domain.registers import Standing, differences
from charging.domain.repairs import most_wh
from charging.domain.session_file import read_rows
from charging.domain.session_rows import Period, Reason, Verdict, judge
from charging.errors import InvalidMapping

ALWAYS = Period()
TRONDHEIM, EPFL = PROFILES["trondheim"], PROFILES["epfl_level3"]


def at(*parts):
    return int(datetime(*parts, tzinfo=UTC).timestamp())


def norway(start, end, kwh="10,5", hours="2"):
    return judge(
        {
            "session_ID": "7",
            "User_ID": "AdO3-4",
            "Garage_ID": "AdO3",
            "Start_plugin": start,
            "End_plugout": end,
            "El_kWh": kwh,
            "Duration_hours": hours,
        },
        TRONDHEIM,
        ALWAYS,
    )


def only(outcome):
    assert outcome.verdict is Verdict.HELD
    (proposal,) = outcome.proposals
    return proposal


def test_a_decimal_comma_and_local_dates_are_read():
    charge = norway("21.12.2018 10:00", "21.12.2018 12:00").charge
    assert (charge.energy_wh, charge.started) == (10_500, at(2018, 12, 21, 9))


def test_a_point_in_a_file_with_commas_is_no_number():
    outcome = norway("21.12.2018 10:00", "21.12.2018 12:00", kwh="1.234")
    assert {each.reason for each in outcome.problems} == {Reason.NO_ENERGY}


@pytest.mark.parametrize("end", ["NA", "01.01.1970 01:00", "21.12.2018 15:00"])
def test_a_missing_epoch_or_contradicting_end_is_proposed_from_the_duration(end):
    proposal = only(norway("21.12.2018 10:00", end))
    assert proposal.kind == "duration"
    assert proposal.charge.ended - proposal.charge.started == 7200


def test_without_an_end_or_a_duration_a_row_is_rejected():
    assert norway("21.12.2018 10:00", "NA", hours="NA").verdict is Verdict.REJECTED


def test_swapped_ends_are_proposed_the_right_way_round_first():
    outcome = norway("21.12.2018 12:00", "21.12.2018 10:00")
    assert [each.kind for each in outcome.proposals] == ["swap", "duration"]


def test_a_long_stay_is_held_where_cars_stay_plugged_in_and_rejected_elsewhere():
    proposal = only(norway("21.12.2018 10:00", "22.12.2018 14:00", hours="28"))
    assert (proposal.kind, proposal.charge.ended) == ("long", at(2018, 12, 22, 13))


def test_the_duration_is_the_arbiter_across_a_clock_change():
    true = norway("30.03.2019 14:51", "31.03.2019 10:51", hours="19")
    wall = norway("30.03.2019 14:51", "31.03.2019 10:51", hours="20")
    assert true.verdict is Verdict.ACCEPTED
    assert only(wall).charge.ended == true.charge.ended + 3600


def perth(start, end, kwh="10"):
    names = ("Start Date", "Start Time", "End Date", "End Time")
    stamps = dict(zip(names, (*start.split(), *end.split()), strict=True))
    row = {"CP ID": "5", "Connector": "1", "Total kWh": kwh, "Site": "x", "Model": ""}
    return judge(row | stamps, PERTH_KINROSS, ALWAYS)


def test_both_meanings_of_a_repeated_hour_are_proposed():
    outcome = perth("28/10/2018 01:30", "28/10/2018 03:00")
    assert [each.charge.started for each in outcome.proposals] == [
        at(2018, 10, 28, 0, 30),
        at(2018, 10, 28, 1, 30),
    ]


def test_a_time_that_the_clock_skips_is_proposed_as_if_it_had_not():
    proposal = only(perth("25/03/2018 01:30", "25/03/2018 03:00"))
    assert (proposal.kind, proposal.charge.started) == ("skipped", at(2018, 3, 25, 1, 30))


def test_wh_in_a_column_of_kwh_is_proposed_when_whole():
    proposal = only(perth("01/06/2018 10:00", "01/06/2018 11:00", "12345"))
    assert (proposal.kind, proposal.charge.energy_wh) == ("unit", 12_345)
    assert perth("01/06/2018 10:00", "01/06/2018 11:00", "138.25").verdict is Verdict.REJECTED


def test_dates_of_two_kinds_in_one_column_are_both_read():
    assert perth("01/06/2018 10:00", "2018-06-01 11:00").verdict is Verdict.ACCEPTED
    mixed = mapped(
        {
            "charger": "c",
            "start_date": "s",
            "end_date": "e",
            "energy": "k",
            "stamps": ["dd/mm/yyyy", "mm/dd/yyyy"],
            "timezone": "Europe/London",
        }
    )
    row = {"c": "1", "s": "03/04/2018 10:00", "e": "03/04/2018 11:00", "k": "1"}
    outcome = judge(row, mixed, ALWAYS)
    assert [each.charge.started for each in outcome.proposals] == [
        at(2018, 4, 3, 9),
        at(2018, 3, 4, 10),
    ]
    sure = judge({**row, "s": "13/04/2018 10:00", "e": "13/04/2018 11:00"}, mixed, ALWAYS)
    assert sure.verdict is Verdict.ACCEPTED


def test_energy_in_wh_and_a_stay_that_counts_both_minutes():
    row = "278,CCS1,2022-08-11 23:33:00,2022-08-11 23:37:00,5,9632.0"
    header = "Session,CCS,Arrival,Departure,Stay (min),Energy (Wh)"
    (only_row,) = read_rows(f"{header}\n{row}\n".encode(), EPFL)
    charge = judge(only_row.fields, EPFL, ALWAYS).charge
    assert (charge.energy_wh, charge.site) == (9_632, "EPFL fast chargers")
    assert charge.started == at(2022, 8, 11, 21, 33)


def test_a_register_that_rises_is_read_as_differences():
    rows = [Standing(n, n * 3600, n * 3600 + 1800, 10**9 + n * 5_000) for n in (3, 1, 2)]
    assert differences(rows, PERTH_KINROSS) == {2: 5_000, 3: 5_000}
    fall = [Standing(1, 0, 3600, 10**9), Standing(2, 7200, 9000, 10**8)]
    assert differences(fall, PERTH_KINROSS) == {}


CHOSEN = {"charger": "c", "start_date": "s", "end_date": "e", "energy": "k"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"charger": ""}, "column for charger"),
        ({"colour": "x"}, "no part"),
        ({"energy_unit": "MWh"}, "energy_unit"),
        ({"stamps": ["yy"]}, "Dates"),
        ({"stamps": "ISO 8601"}, "list"),
        ({"timezone": "Mars/Olympus"}, "time zone"),
        ({"max_power_w": True}, "whole number"),
        ({"max_power_w": 10**9}, "whole number"),
        ({"site": 7}, "text"),
    ],
)
def test_a_layout_that_cannot_be_is_refused_in_words(change, words):
    with pytest.raises(InvalidMapping, match=words):
        mapped(CHOSEN | change)


ANY = st.sampled_from(
    [
        "",
        "NA",
        "01.01.1970 01:00",
        "31.03.2019 02:30",
        "27.10.2019 02:30",
        "1,5",
        "-1",
        "9999",
        "48",
    ]
) | st.text(max_size=8)


@given(ANY, ANY, ANY, ANY)
def test_a_proposal_is_always_believable(start, end, kwh, hours):
    outcome = norway(start, end, kwh, hours)
    for proposal in outcome.proposals:
        seconds = proposal.charge.ended - proposal.charge.started
        assert 0 < seconds <= 14 * 86_400
        assert 0 < proposal.charge.energy_wh <= most_wh(seconds, TRONDHEIM)
    assert not outcome.proposals or outcome.verdict is Verdict.HELD


def test_every_shipped_layout_names_its_stamps_and_columns():
    for profile in PROFILES.values():
        assert set(profile.stamps) <= set(STAMPS)
        assert len(profile.columns) >= 4
