"""A long charge is shown day by day, and nothing of it is lost."""

from charging.views.receipts import days as receipt_days
from charging.views.receipts.page import hour_lines
from tests.charging.views import samples


def test_a_charge_of_a_day_and_a_half_is_still_shown_hour_by_hour():
    lines = hour_lines(samples.long_charge(receipt_days.LONG))
    assert receipt_days.long_charge(lines) is None


def test_the_days_of_a_long_charge_hold_all_its_hours():
    facts = samples.long_charge(200)
    lines = hour_lines(facts)
    charge = receipt_days.long_charge(lines)
    assert [line for day in charge.days for line in day.lines] == lines
    assert charge.hours == 200
    assert sum(day.energy_wh for day in charge.days) == facts.energy_wh
    assert sum(day.renewable_wh for day in charge.days) == facts.renewable_wh


def test_a_day_begins_at_midnight_on_the_clocks_of_the_place():
    charge = receipt_days.long_charge(hour_lines(samples.long_charge(60)))
    assert [len(day.lines) for day in charge.days] == [11, 24, 24, 1]  # from 13:00 BST
    assert charge.midnights == (11, 35, 59)
    assert {f"{day.lines[0].starts_at:%H:%M}" for day in charge.days[1:]} == {"00:00"}


def test_each_reason_of_a_day_is_said_once():
    charge = receipt_days.long_charge(hour_lines(samples.long_charge()))
    assert all(day.reasons == (samples.WHY,) for day in charge.days)
