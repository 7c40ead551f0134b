"""A receipt's sentences say what its figures say."""

from dataclasses import replace

import pytest

from charging.queries.receipts.facts import ReceiptState
from charging.views.receipts import words as receipt_words
from tests.charging.views import samples


def test_the_sentence_names_the_source():
    assert (
        receipt_words.sentence(samples.receipt())
        == "of this charge was wind power from Kelmarsh\N{NO-BREAK SPACE}2, made in the same hours."
    )


def test_nothing_matched_is_said_plainly():
    facts = samples.in_every_state()["closed"]
    assert "no renewable plant generated" in receipt_words.sentence(facts)
    assert receipt_words.why_not_all(facts).startswith("23.100")


def test_a_full_charge_needs_no_excuse():
    assert receipt_words.why_not_all(samples.in_every_state()["full"]) == ""


def test_a_source_that_is_not_renewable_is_not_named_in_the_sentence():
    facts = samples.receipt()
    first = facts.hours[0]
    nuclear = replace(first.allocations[0], energy_source="Nuclear", renewable=False)
    mixed = replace(
        facts, hours=(replace(first, renewable_wh=0, allocations=(nuclear,)), *facts.hours[1:])
    )
    assert "nuclear" not in receipt_words.sentence(mixed)


@pytest.mark.parametrize("state", ReceiptState)
def test_every_state_has_words(state):
    title, words = receipt_words.STATES[state]
    assert title
    assert words.endswith(".")


def test_a_list_reads_as_people_write_it():
    assert receipt_words.joined(["a"]) == "a"
    assert receipt_words.joined(["a", "b", "c"]) == "a, b and c"


def test_a_sentence_names_three_plants_and_counts_more():
    three = receipt_words.sentence(samples.from_many_plants(3, 1))
    assert "Kelmarsh\N{NO-BREAK SPACE}1 and wind power from Kelmarsh\N{NO-BREAK SPACE}2" in three
    assert (
        receipt_words.sentence(samples.from_many_plants(40, 4))
        == "of this charge was solar power from 14\N{NO-BREAK SPACE}plants "
        "and wind power from 26\N{NO-BREAK SPACE}plants, "
        "made in the same hours."
    )


def test_a_plant_alone_of_its_kind_keeps_its_name():
    facts = samples.from_many_plants(6, 1)
    (hour,) = facts.hours
    only = tuple(one for one in hour.allocations if one.device_name != "Kelmarsh 1")
    words = receipt_words.sentence(replace(facts, hours=(replace(hour, allocations=only),)))
    assert "wind power from 4\N{NO-BREAK SPACE}plants" in words
    assert "solar power from Kelmarsh\N{NO-BREAK SPACE}4" in words
