"""Whatever a driver can read is there in every language, with the same places to fill."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from certificates.models import Device
from charging.demo.year import CLAIM_NOTE
from charging.domain import evidence
from charging.domain.comparators import FIGURES
from charging.domain.meters import findings, report
from charging.queries import receipt_surroundings as around
from charging.services import challenges, driver, ocpi_charges, receipts
from config.catalogues import read
from tests import sentences

OTHERS = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
PLACES = re.compile(r"%\(\w+\)s|</?\w+[^>]*>")


@pytest.fixture(params=OTHERS)
def catalogue(request):
    path = Path(settings.LOCALE_PATHS[0]) / request.param / "LC_MESSAGES" / "django.po"
    return read(path.read_text("utf-8"))


def test_every_sentence_of_a_page_is_translated(catalogue):
    wanted = {*sentences.of_templates(), *sentences.of_views()}
    assert len(wanted) > 200
    assert sorted(wanted - set(catalogue)) == []


def test_a_translation_fills_the_same_places(catalogue):
    for source, translation in catalogue.items():
        if source:
            parts = [set(PLACES.findall(part)) for part in source.split("\0")]
            for form in translation.split("\0"):
                assert set(PLACES.findall(form)) in parts, source


def test_what_the_facts_of_a_receipt_say_is_translated(catalogue):
    tables = (evidence._ENERGY, evidence._TIMING, evidence._GENERATION)
    said = {words for table in tables for _, words in table.values()}
    said |= {*evidence._SUMMARY.values(), evidence.DEMO_SUMMARY}
    said |= {evidence._ONE_INTERVAL[1], evidence._NOTHING[1]}
    said |= {around.OPEN_YET, around.NOTHING_HELD, around.TOO_LITTLE, around.LATER}
    said |= {receipts.CORRECTED, ocpi_charges.CORRECTED, driver.NEW_LINK, CLAIM_NOTE}
    said |= {*challenges.SENTENCES}
    said |= {figure.label for figure in FIGURES}
    said |= {str(label) for label in Device.GsrnOrigin.labels}
    assert sorted(said - set(catalogue)) == []


def test_what_is_found_of_a_meter_value_is_translated_with_the_same_figures(catalogue):
    said = {sentence for _, sentence in findings.SENTENCES.values() if sentence != "{why}"}
    said |= {report.PROVEN, report.UNVOUCHED, report.UNPROVEN, *report.HEADLINES.values()}
    assert sorted(said - set(catalogue)) == []
    for sentence in said:
        figures = [
            set(re.findall(r"{\w+(?:!r)?}", each)) for each in (sentence, catalogue[sentence])
        ]
        assert figures[0] == figures[1], sentence
