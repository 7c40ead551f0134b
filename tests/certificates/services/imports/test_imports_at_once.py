"""Two clicks, two files, two auditors at the same moment: each serial comes in once."""

import io

import pytest

from certificates.errors import ImportRefused, LinesRefused
from certificates.models import (
    CertificateImport,
    EmissionFactor,
    ExternalRange,
    Lot,
    PlantDocument,
    User,
)
from certificates.queries.holding.holdings import held_wh
from certificates.services.imports.imports import (
    Request,
    hand_in_file,
    refuse,
    withdraw,
)
from certificates.services.imports.registries import register_registry
from certificates.services.plants import documents as plant_documents
from tests.certificates.accepting import accept
from tests.certificates.conftest import NOW, PROOF
from tests.certificates.domain.external.files import gc_csv, hours
from tests.ledger.services.test_book_race import THREADS, race

pytestmark = pytest.mark.django_db(transaction=True)


def decide(row, n):
    try:
        return accept(brought=row, now=NOW, actor=f"auditor {n}").status
    except (ImportRefused, LinesRefused) as error:
        return error


def test_one_file_handed_in_by_eight_clicks_is_one_import(hand_in):
    results = race(lambda n: hand_in().pk)
    assert len(set(results)) == 1
    assert CertificateImport.objects.count() == 1


def test_one_import_accepted_by_eight_auditors_issues_once(hand_in, farm):
    row = hand_in()
    assert race(lambda n: decide(row, n)) == ["imported"] * THREADS
    assert held_wh(farm) == 3_000
    assert Lot.objects.count() == ExternalRange.objects.count() == 3


def test_of_eight_files_that_share_a_serial_one_comes_in(hand_in, farm):
    rows = [hand_in(gc_csv(*hours(1, wh=1_000 + n))) for n in range(THREADS)]
    results = race(lambda n: decide(rows[n], n))
    assert results.count("imported") == 1
    assert sum(isinstance(result, LinesRefused) for result in results) == THREADS - 1
    ranges = list(ExternalRange.objects.values_list("lot__amount_wh", flat=True))
    assert [held_wh(farm)] == ranges


def test_imports_of_two_registries_at_once_count_their_factors_apart(hand_in, abroad, farm):
    stated = {"emissions_factor_production_device": "12"}
    rows = []
    for n in range(THREADS):
        registry = register_registry(code=f"r{n}", name=f"Registry {n}", country="DK", now=NOW)
        request = Request(abroad, registry, "gc.csv", PROOF, {"factors": "file"})
        lines = [line | stated for line in hours(2, wh=500 + n)]
        rows.append(hand_in_file(request=request, stream=gc_csv(*lines), now=NOW, actor="x"))
    assert race(lambda n: decide(rows[n], n)) == ["imported"] * THREADS
    versions = EmissionFactor.objects.filter(technology_code="").values_list("version", flat=True)
    assert sorted(versions) == list(range(1, THREADS + 1))
    assert held_wh(farm) == sum(2 * (500 + n) for n in range(THREADS))


def test_accepted_and_refused_at_once_is_one_of_both(hand_in, farm):
    row = hand_in()

    def act(n):
        if n % 2:
            return decide(row, n)
        try:
            return refuse(brought=row, reason="No", now=NOW, actor=f"auditor {n}").status
        except ImportRefused as error:
            return error

    results = race(act)
    row.refresh_from_db()
    assert {result for result in results if isinstance(result, str)} == {row.status}
    assert held_wh(farm) == (3_000 if row.status == "imported" else 0)


def test_withdrawn_by_eight_is_withdrawn_once(hand_in, farm):
    row = hand_in()
    decide(row, 0)

    def take_back(n):
        try:
            return withdraw(brought=row, reason="Wrong", now=NOW, actor=f"auditor {n}").status
        except ImportRefused as error:
            return error

    results = race(take_back)
    assert results.count("refused") == 1
    assert held_wh(farm) == 0


def test_one_paper_added_by_eight_clicks_is_kept_once(device, data_dir):
    user = User.objects.create(email="owner@example.org")

    def add(n):
        stream = io.BytesIO(b"%PDF-1.7 paper")
        return plant_documents.add(
            device=device, kind="meter", stream=stream, name="a.pdf", user=user, now=NOW
        ).pk

    assert len(set(race(add))) == 1
    assert PlantDocument.objects.count() == 1
