"""Another registry's certificates fit a plant, or every line says why not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.domain import eecs
from certificates.domain.external.judging import PlantFacts, judge, meanings, too_full
from certificates.domain.external.line import ExternalLine
from certificates.domain.external.serials import SerialRange
from certificates.domain.external.sources import MEANINGS, meaning_of
from certificates.domain.meter_values import Unreadable

PLANT = PlantFacts("T020001", "F01050100", capacity_w=1_000, in_service_from=0)
LINE = ExternalLine(
    line=2,
    issuance_id="GC-1",
    first_serial=0,
    last_serial=999,
    amount_wh=1_000,
    start=600,
    length=60,
    energy_source="wind",
)


def reasons(*lines, plant=PLANT, now=10_000, **more):
    return [(p.line, p.field, p.reason) for p in judge(lines, plant=plant, now=now, **more)]


def test_a_line_that_fits_has_no_problem():
    assert not reasons(LINE)


@pytest.mark.parametrize(
    ("changes", "plant", "now", "words"),
    [
        ({"energy_source": "solar_pv"}, {}, 10_000, "choose the right plant"),
        ({"energy_source": "sunshine"}, {}, 10_000, "no energy source known"),
        ({"energy_source": "battery_storage"}, {}, 10_000, "made from"),
        ({}, {}, 659, "not over yet"),
        ({}, {"in_service_from": 601}, 10_000, "before the plant"),
        ({}, {"in_service_until": 659}, 10_000, "registration ended"),
        ({"expires": 10_000}, {}, 10_000, "have expired"),
        ({"issuance_id": "AB" * 20}, {}, 10_000, "of this registry"),
    ],
)
def test_a_line_that_does_not_fit_says_why(changes, plant, now, words):
    found = reasons(
        replace(LINE, **changes), plant=replace(PLANT, **plant), now=now, own_codes=["ab" * 20]
    )
    assert len(found) == 1
    assert words in found[0][2]


def test_the_instant_an_interval_ends_it_is_over_and_the_plant_may_end_with_it():
    assert not reasons(LINE, plant=replace(PLANT, in_service_until=660), now=660)


def test_serials_that_stand_twice_name_both_places():
    again = replace(LINE, line=3, first_serial=999, last_serial=1_500)
    known = [SerialRange(1_400, 2_000, "line 9 of import 4")]
    found = reasons(LINE, again, known=known)
    assert [line for line, _, _ in found] == [3]
    assert "shares serials with line 2 (0 to 999)" in found[0][2]
    alone = reasons(again, known=known)
    assert "line 9 of import 4" in alone[0][2]


def test_an_interval_fuller_than_the_plant_is_told_even_when_its_lines_are_not():
    half = replace(LINE, amount_wh=551)
    assert too_full([half, replace(half, line=3)], 1_000) == [600]
    assert not too_full([replace(half, amount_wh=550)] * 2, 1_000)


@pytest.mark.parametrize("word", list(MEANINGS))
def test_every_known_word_fits_some_pair_that_eecs_allows(word):
    meaning = meaning_of(word)
    pairs = [(t, s) for t, _ in eecs.technologies() for s, _ in eecs.sources_for(t)]
    assert any(meaning.fits(*pair) for pair in pairs)


@given(st.sampled_from([(t, s) for t, _ in eecs.technologies() for s, _ in eecs.sources_for(t)]))
def test_an_eecs_code_fits_the_plants_that_burn_it(pair):
    assert meaning_of(pair[1]).fits(*pair)


def test_a_general_code_fits_a_finer_one_and_not_the_other_way_round():
    assert meaning_of("F03010100").fits("T060000", "F03010101")
    assert not meaning_of("F03010101").fits("T060000", "F03010100")


@pytest.mark.parametrize("word", ["Solar PV", "solar-pv", " SOLAR_PV "])
def test_words_are_read_as_people_write_them(word):
    assert meaning_of(word) is MEANINGS["solar_pv"]


def test_what_was_understood_is_told_for_each_word_that_fits():
    solar = replace(LINE, energy_source="solar")
    assert list(meanings([LINE, solar], PLANT)) == ["wind"]


def test_other_is_no_source():
    with pytest.raises(Unreadable, match="source of the generation is kept"):
        meaning_of("other")
