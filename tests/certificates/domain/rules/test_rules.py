"""Each rule says one thing, by one number; the documentation says the same."""

import io
import re
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.utils.module_loading import import_string
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.meter_file import parse
from certificates.domain.meter_values import EPOCH, minute_of
from certificates.domain.reading_rules import ACCEPTED, HELD, REJECTED, Judge, Known, Plant
from certificates.domain.rules import RULES, STATEMENTS
from certificates.domain.rules.page import rules_page
from certificates.domain.rules.rule import HELD as HOLDS
from certificates.domain.rules.rule import pattern_of
from certificates.domain.rules.sun import elevation
from certificates.domain.rules.technologies import highest_day_percent
from tests.certificates.domain.formats.making import nem12, nem_day
from tests.certificates.domain.test_reading_rules import NOTHING, judge

DOCS = Path(__file__).parents[4] / "docs" / "rules.md"
PERTH = (56.4, -3.4)
MIDSUMMER = (EPOCH.replace(month=6, day=21) - EPOCH).days * 1_440


def judged(*rows, plant, capacity_w=2_000_000, now_minute=10**9, known=NOTHING):
    text = "".join(f"{EPOCH + timedelta(minutes=at):%Y-%m-%dT%H:%MZ},{kwh}\n" for at, kwh in rows)
    lines = parse(io.BytesIO(f"start_utc,kwh\n{text}".encode()), {})
    return Judge(lines, 60).judge(
        capacity_w=capacity_w, now_minute=now_minute, known=known, plant=plant
    )


def test_the_documentation_is_written_from_the_rules():
    assert DOCS.read_text("utf-8") == rules_page()


def test_every_rule_has_a_number_of_its_own_and_a_message():
    numbers = [r.number for r in RULES] + [s.number for s in STATEMENTS]
    assert sorted(numbers) == [f"R{n:02}" for n in range(1, len(numbers) + 1)]
    assert all(r.message for r in RULES)


def test_the_reasons_of_a_rule_are_known_by_its_own_pattern_only():
    holding = [rule for rule in RULES if rule.outcome == HOLDS]
    for rule in holding:
        reason = re.sub(r"\{[^}]*\}", "1,234", rule.message)
        assert [r.number for r in holding if re.search(pattern_of(r), reason)] == [rule.number]


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda s: s.number)
def test_a_rule_that_is_held_elsewhere_names_who_holds_it(statement):
    assert callable(import_string(statement.held_by))


# Sunrise and sunset at Perth (Scotland), almanac values to the minute: 21 June 03:29 and
# 21:06 UTC; 21 December 08:46 and 15:34. The upper limb rises at -0.833 degrees.
@pytest.mark.parametrize(
    ("day", "minute"), [((6, 21), 209), ((6, 21), 1_266), ((12, 21), 526), ((12, 21), 934)]
)
def test_the_sun_is_at_the_horizon_when_the_almanac_says(day, minute):
    at = minute_of(EPOCH.replace(year=2018, month=day[0], day=day[1])) + minute
    assert abs(elevation(np.array([at]), *PERTH)[0] + 0.833) < 0.7


@given(st.integers(0, 60 * 24 * 365 * 80), st.floats(-90, 90), st.floats(-180, 180))
def test_the_sun_is_never_higher_than_the_zenith(minute, latitude, longitude):
    assert -90 <= elevation(np.array([minute]), latitude, longitude)[0] <= 90


def test_photovoltaics_in_the_dark_are_held_and_by_day_accepted():
    plant = Plant(technology_code="T010100", latitude=PERTH[0], longitude=PERTH[1])
    midnight, noon = MIDSUMMER + 60 * 23, MIDSUMMER + 720
    winter_night = 120
    verdicts = judged((winter_night, "40"), (noon, "900"), plant=plant)
    assert verdicts.status.tolist() == [HELD, ACCEPTED]
    assert "below the horizon" in verdicts.problems[0].reason
    assert judged((midnight, "0.5"), (winter_night, "0.5"), plant=plant).status.tolist() == [0, 0]


def test_wind_at_night_is_accepted():
    plant = Plant(technology_code="T020001", latitude=PERTH[0], longitude=PERTH[1])
    assert judged((120, "40"), (180, "40"), plant=plant).status.tolist() == [ACCEPTED, ACCEPTED]


def test_a_day_of_photovoltaics_at_full_power_is_held_whole():
    rows = [(hour * 60, "1900") for hour in range(24)]
    verdicts = judged(*rows, plant=Plant(day_percent=highest_day_percent("T010101")))
    assert set(verdicts.status.tolist()) == {HELD}
    assert "95 % of full power" in verdicts.problems[0].reason
    wind = judged(*rows, plant=Plant(technology_code="T020001"))
    assert set(wind.status.tolist()) == {ACCEPTED}


def test_a_day_may_show_the_highest_percent_and_not_a_wh_more():
    plant = Plant(day_percent=50)  # of 48 MWh
    assert set(judged((0, "24000"), (60, "0"), plant=plant, capacity_w=30 * 10**6).status) == {0}
    rows = [(hour * 60, "1000") for hour in range(24)]
    assert set(judged(*rows, plant=plant).status.tolist()) == {ACCEPTED}
    over = judged((0, "1000.001"), *rows[1:], plant=plant)
    assert set(over.status.tolist()) == {HELD}
    assert "the day's 51 % of full power" in over.problems[0].reason


@pytest.mark.parametrize(("kwh", "status"), [("2", ACCEPTED), ("2.001", HELD)])
def test_a_thousandth_of_full_power_at_night_is_a_meter_s_noise(kwh, status):
    plant = Plant(technology_code="T010100", latitude=PERTH[0], longitude=PERTH[1])
    assert judged((120, kwh), (180, "0"), plant=plant).status[0] == status


def test_the_last_hour_of_twilight_is_no_night():
    """On 1 January the sun sets at Perth at 15:45 UTC; civil twilight ends before 17:00."""
    plant = Plant(technology_code="T010100", latitude=PERTH[0], longitude=PERTH[1])
    evening = [(hour * 60, "40") for hour in (15, 16, 17)]
    assert judged(*evening, plant=plant).status.tolist() == [ACCEPTED, ACCEPTED, HELD]


def test_an_interval_from_the_owner_s_first_minute_on_is_the_owner_s():
    known = Known(*(np.array(pair, np.int64) for pair in ([0, 60], [60, 60], [1, 1], [0, 0])))
    verdicts = judged((0, "9"), (60, "9"), plant=Plant(owned_from=60), known=known)
    assert verdicts.status.tolist() == [HELD, ACCEPTED]


def test_what_a_register_of_consumption_counts_waits_for_an_auditor():
    lines = parse(io.BytesIO(nem12(nem_day("20180101", ["1"] * 48), suffix="E1").encode()), {})
    verdicts = Judge(lines, 30).judge(capacity_w=10**6, now_minute=10**9, known=NOTHING)
    assert set(verdicts.status.tolist()) == {HELD}
    assert "taken from the grid" in verdicts.reasons[0]
    lines.is_import = False
    verdicts = Judge(lines, 30).judge(capacity_w=10**6, now_minute=10**9, known=NOTHING)
    assert set(verdicts.status.tolist()) == {ACCEPTED}


def test_the_policy_sets_how_much_a_day_may_show_and_the_assumption_holds_else():
    assert highest_day_percent("T010101") == 50
    assert highest_day_percent("T010101", 60, 90) == 60
    assert highest_day_percent("T040100", tidal=90) == 90
    assert highest_day_percent("T020001", 60, 90) is None


def test_a_correction_of_an_earlier_owners_interval_is_held_and_a_new_reading_is_not():
    known = Known(*(np.array([n], np.int64) for n in (0, 60, 1_000, 0)))
    verdicts = judged((0, "0.5"), (60, "1"), plant=Plant(owned_from=120), known=known)
    assert verdicts.status.tolist() == [HELD, ACCEPTED]
    assert "changed hands (1970-01-01)" in verdicts.problems[0].reason
    assert judged((0, "0.5"), (60, "1"), plant=Plant(owned_from=0), known=known).status[0] == 0


def test_own_consumption_beyond_the_capacity_is_held():
    verdicts = judge((0, "-2000"), (60, "-2000.001"))
    assert verdicts.status.tolist() == [ACCEPTED, HELD]


def test_what_lies_before_commissioning_or_after_registration_is_refused():
    plant = Plant(first_minute=60, last_minute=180)
    verdicts = judged((0, "1"), (60, "1"), (120, "1"), (180, "1"), plant=plant)
    assert verdicts.status.tolist() == [REJECTED, ACCEPTED, ACCEPTED, REJECTED]
    assert "commissioned (1970-01-01)" in verdicts.problems[0].reason


def test_what_lies_outside_its_area_s_time_is_held():
    plant = Plant(area_from=60, area_to=120)
    verdicts = judged((0, "1"), (60, "1"), (120, "1"), plant=plant)
    assert verdicts.status.tolist() == [HELD, ACCEPTED, HELD]


def test_what_comes_after_the_deadline_is_held():
    plant = Plant(deadline_minutes=2 * 1_440)
    verdicts = judged((0, "1"), (60, "1"), plant=plant, now_minute=60 + 2 * 1_440)
    assert verdicts.status.tolist() == [ACCEPTED, ACCEPTED]
    verdicts = judged((0, "1"), (60, "1"), plant=plant, now_minute=61 + 2 * 1_440)
    assert verdicts.status.tolist() == [HELD, ACCEPTED]
    assert "more than 2 days" in verdicts.problems[0].reason


def had(wh, *, estimated):
    return Known(*(np.array([n], np.int64) for n in (0, 60, wh, 0, int(estimated))))


def test_an_estimate_does_not_correct_what_was_measured():
    verdicts = judged(
        (0, "1"), (60, "1"), plant=Plant(estimates=True), known=had(5, estimated=False)
    )
    assert verdicts.status.tolist() == [REJECTED, ACCEPTED]
    assert not verdicts.corrects.any()


def test_a_measured_value_replaces_an_estimate_even_of_the_same_amount():
    verdicts = judged((0, "1"), (60, "1"), plant=Plant(), known=had(1_000, estimated=True))
    assert verdicts.corrects.tolist() == [True, False]
    again = judged(
        (0, "1"), (60, "1"), plant=Plant(estimates=True), known=had(1_000, estimated=True)
    )
    assert not again.corrects.any()
