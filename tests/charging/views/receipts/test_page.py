"""What the receipt draws follows from its facts."""

from dataclasses import replace
from decimal import Decimal

import pytest

from charging.views.receipts import page as receipt_page
from charging.views.receipts.page import LABEL_CHARACTER, LABEL_GAP, LABEL_LINES
from tests.charging.views import samples


def test_the_numbers_of_a_source_are_all_that_was_given():
    (source,) = receipt_page.sources(samples.receipt())
    assert sum(part.amount_wh for part in source.parts) == 18_717
    assert source.parts[0].stretch.certificate == 1204
    assert source.unnumbered_wh == 0


def test_without_a_seal_there_are_no_numbers_yet():
    (source,) = receipt_page.sources(samples.in_every_state()["pending"])
    assert source.parts == ()
    assert source.unnumbered_wh == 18_717


def test_hours_are_shown_on_the_clocks_of_the_place():
    first = receipt_page.hour_lines(samples.receipt())[0]
    assert f"{first.starts_at:%H:%M %Z}" == "13:00 BST"
    assert first.new_day


def test_a_changed_assumption_changes_the_comparison_and_nothing_else():
    facts = samples.receipt()
    used = receipt_page.assumptions(facts, {"electric-car": "0,4", "petrol-energy": "1"})
    assert [one.facts.key for one in used if one.is_changed] == ["electric-car"]
    distance, petrol_ug = receipt_page.petrol(facts, used)
    assert distance == Decimal("57.8")
    assert (
        petrol_ug * 2
        == receipt_page.petrol(
            facts, receipt_page.assumptions(facts, {"petrol-car": "7.60", "electric-car": "0.2"})
        )[1]
        or petrol_ug < facts.emissions.petrol_ug
    )


@pytest.mark.parametrize("text", ["", "0", "-1", "abc", "NaN", "1e9", "Infinity"])
def test_a_senseless_assumption_is_not_used(text):
    used = receipt_page.assumptions(samples.receipt(), {"petrol-car": text})
    assert not any(one.is_changed for one in used)


def test_without_places_there_is_no_map():
    facts = samples.receipt()
    nowhere = replace(facts.charge, latitude=None)
    assert receipt_page.draw_map(nowhere, facts.plants) is None
    assert receipt_page.draw_map(facts.charge, ()) is None


def test_the_map_shows_land_between_charger_and_plant():
    facts = samples.receipt()
    drawn = receipt_page.draw_map(facts.charge, facts.plants)
    assert drawn is not None
    assert drawn.land.count("M") >= 2
    assert drawn.charge.y < drawn.plants[0].y


@pytest.mark.parametrize("name", ["Mill", "Leslie Street Car Park, Blairgowrie", "x" * 200])
@pytest.mark.parametrize("east", [-7, -3, 1])
def test_a_label_stays_on_the_map(name, east):
    facts = samples.receipt()
    there = replace(facts.charge, location_name=name, longitude=Decimal(east))
    drawn = receipt_page.draw_map(there, facts.plants)
    mark = drawn.charge
    reach = LABEL_GAP + LABEL_CHARACTER * max(map(len, mark.label))
    assert (mark.x - reach if mark.label_before else drawn.width - mark.x - reach) >= 0
    assert 1 <= len(mark.label) <= LABEL_LINES
    assert " ".join(mark.label) == name or mark.label[-1].endswith("\N{HORIZONTAL ELLIPSIS}")


def test_an_unknown_figure_of_the_grid_leaves_its_lines_out():
    facts = samples.receipt()
    unknown = replace(facts, emissions=replace(facts.emissions, grid_ug=None, charge_ug=None))
    assert [line.label for line in receipt_page.emission_lines(unknown, 1)] == [
        "The same distance on petrol"
    ]


def test_a_credit_is_drawn_to_the_other_side_of_nothing():
    facts = samples.receipt()
    credit = replace(facts, emissions=replace(facts.emissions, charge_ug=-50, grid_ug=150))
    charge, grid, petrol = receipt_page.emission_lines(credit, 100)
    assert (charge.amount_ug, charge.start, charge.width) == (-50, 0, 25)
    assert (grid.start, grid.width) == (25, 75)
    assert (petrol.start, petrol.width) == (25, 50)
