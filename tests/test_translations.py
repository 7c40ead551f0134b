"""Whatever a driver can read is there in every language, with the same places to fill."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from certificates.domain.statement import NOT_TRANSFERABLE
from certificates.domain.storage.terms import METHODS
from certificates.models import Cancellation, Device
from certificates.queries.generator.fates import Fate
from certificates.services.papers.statement_pdf import STATES
from certificates.views import fate_page
from charging.demo.year import CLAIM_NOTE
from charging.domain import evidence
from charging.domain.comparators import FIGURES
from charging.domain.meters import findings, report
from charging.queries.receipts import surroundings as around
from charging.services import challenges, driver, driver_accounts, receipts
from charging.services.matching.claims import PURPOSE
from charging.services.ocpi import charges as ocpi_charges
from charging.views import score
from config.catalogues import read
from config.views import NOT_FOUND_WORDS
from ledger.models import Batch
from tests import sentences

OTHERS = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
PLACES = re.compile(r"%\(\w+\)s|</?\w+[^>]*>")


@pytest.fixture(params=OTHERS)
def catalogue(request):
    path = Path(settings.LOCALE_PATHS[0]) / request.param / "LC_MESSAGES" / "django.po"
    return read(path.read_text("utf-8"))


def test_every_sentence_of_a_page_is_translated(catalogue):
    wanted = {*sentences.of_templates(), *sentences.of_views()}
    assert len(wanted) > 400
    assert sorted(wanted - set(catalogue)) == []


def test_a_translation_fills_the_same_places(catalogue):
    for source, translation in catalogue.items():
        if source:
            parts = [set(PLACES.findall(part)) for part in source.split("\0")]
            for form in translation.split("\0"):
                assert set(PLACES.findall(form)) in parts, source


def test_what_a_look_up_and_a_statement_say_is_translated(catalogue):
    said = {*NOT_FOUND_WORDS.values(), score.GONE, score.NEVER, *STATES.values()}
    said |= {NOT_TRANSFERABLE, PURPOSE, *METHODS.values()}
    for labels in (Device.Status, Device.NegativePolicy, Batch.Kind, Cancellation.BeneficiaryKind):
        said |= {str(label) for label in labels.labels}
    somewhere = Fate(7, 1, 1, 1, 1, 1, 1, (), 0)
    said |= {line.words for line in fate_page.public_view(somewhere)["lines"]}
    assert len(said) > 30
    assert sorted(said - set(catalogue)) == []


def test_what_the_facts_of_a_receipt_say_is_translated(catalogue):
    tables = (evidence._ENERGY, evidence._TIMING, evidence._GENERATION)
    said = {words for table in tables for _, words in table.values()}
    said |= {*evidence._SUMMARY.values(), evidence.DEMO_SUMMARY}
    said |= {evidence._ONE_INTERVAL[1], evidence._NOTHING[1]}
    said |= {around.OPEN_YET, around.NOTHING_HELD, around.TOO_LITTLE, around.LATER}
    said |= {receipts.CORRECTED, ocpi_charges.CORRECTED, driver.NEW_LINK, CLAIM_NOTE}
    said |= {*challenges.SENTENCES, *driver_accounts.SENTENCES}
    said |= {words for one in FIGURES for words in (one.label, one.source)}
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
