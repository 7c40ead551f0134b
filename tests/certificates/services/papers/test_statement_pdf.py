"""What a printed statement says of its lines."""

import pytest
from django.utils import translation

from certificates.domain.selection import Criteria
from certificates.queries.holding.statement import statement_facts
from certificates.services.papers.statement_pdf import _labels, _words, statement_pdf
from tests.certificates.conftest import NOW
from tests.certificates.domain.external.files import gc_csv
from tests.certificates.services.holding.test_cancellations import use
from tests.certificates.services.imports.test_imports import take as accept
from tests.certificates.stored import charge, line, settle_losses, take


@pytest.fixture
def facts_of():
    def make(made):
        return statement_facts(made, url="https://r.example/s/x", registry="R", now=NOW)

    return make


def test_a_line_from_storage_names_the_plant_and_the_storage(
    battery, device, produce, certify, facts_of
):
    produce("1", "2")
    take(battery, line(0, -1000), line(1, 800))
    charge(battery)
    certify()
    settle_losses(battery)
    facts = facts_of(use(battery.organisation, criteria=Criteria()))
    words = _words(facts, NOW)
    assert {row[1:3] for row in words["lines"]} == {
        ("Turbine 2", "2,000"),
        ("Turbine 2, stored in Battery", "800"),
    }
    assert {name for name, _ in words["plants"]} == {
        f"Turbine 2, {device.gsrn}",
        f"Turbine 2, stored in Battery, {battery.gsrn}",
    }
    assert [plant["name"] for plant in words["plant_facts"]].count("Battery") == 1
    assert [plant["name"] for plant in words["plant_facts"]].count("Turbine 2") == 1
    assert statement_pdf(facts, now=NOW).startswith(b"%PDF-")


def test_a_line_of_another_registry_says_that_storage_gave_it_back(hand_in, farm, facts_of):
    stored = {"is_storage": "TRUE", "storage_efficiency_factor": "0.85"}
    accept(hand_in(gc_csv(stored)))
    words = _words(facts_of(use(farm)), NOW)
    assert words["external"][0][2].endswith("(given back by storage there, efficiency 0.85)")


def test_a_statement_is_printed_in_the_language_in_force(battery, device, produce, facts_of):
    produce("1", "2")
    facts = facts_of(use(battery.organisation, criteria=Criteria()))
    english = statement_pdf(facts, now=NOW)
    with translation.override("de"):
        words, labels, german = _words(facts, NOW), _labels(), statement_pdf(facts, now=NOW)
    assert words["title"] == f"Entwertungsnachweis {facts.number}"
    assert words["headline"].startswith("0,003000 MWh verbraucht für ")
    assert words["note"].startswith("Dieser Nachweis ist nicht übertragbar.")
    assert ("Energieform", "Strom") in words["volume"]
    assert (labels["lang"], labels["by_hour"]) == ("de", "Nach Stunden")
    assert german.startswith(b"%PDF-")
    assert german != english
    assert statement_pdf(facts, now=NOW) == english


def test_no_label_of_a_printed_statement_is_left_in_english(battery, produce, facts_of):
    produce("1", "2")
    facts = facts_of(use(battery.organisation, criteria=Criteria()))
    with translation.override("de"):
        german = _labels(), [name for name, _ in _words(facts, NOW)["parties"]]
    same = {"qr", "lang"} | {name for name, label in german[0].items() if label == _labels()[name]}
    assert same == {"qr", "lang"}
    assert not set(german[1]) & {name for name, _ in _words(facts, NOW)["parties"]}
