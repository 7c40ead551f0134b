"""Bringing in another registry's certificates, and a plant's papers, in a real browser."""

import pytest
from django.urls import reverse

from certificates.models import CertificateImport
from certificates.services.imports import imports as certificate_imports
from certificates.services.imports.bringing_in import bring_in
from certificates.services.imports.registries import register_registry
from certificates.services.plants.devices import register_device
from tests.certificates.conftest import NOW, facts
from tests.certificates.domain.external.files import gc_csv, hours

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def abroad(trail):
    register_registry(code="gcr", name="Granular registry", country="DK", now=NOW)
    stated = facts(name="Abroad", kind="external", organisation=trail.producer.slug)
    return register_device(facts=stated, now=NOW, approve=True)


def test_certificates_are_brought_in_step_by_step(page, visit, enter, trail, abroad, see, tmp_path):
    def choose(name, stream):
        file = tmp_path / name
        file.write_bytes(stream.getvalue())
        page.get_by_label("Which registry issued").select_option("gcr")
        page.get_by_label("Certificate file", exact=True).set_input_files(file)
        page.get_by_role("button", name="See what the file says").click()
        page.wait_for_url("**/import/check/")

    enter(trail.user)
    visit(reverse("generator"))
    page.get_by_role("link", name="Bring in certificates of Abroad").click()
    see("import-start")
    choose("bad.csv", gc_csv({}, {"bundle_quantity": "many"}, {"is_storage": "TRUE"}))
    see("import-bad-lines")
    page.get_by_role("link", name="Choose another file").first.click()
    choose("february.csv", gc_csv(*february()))
    see("import-questions")
    page.get_by_label("In the dates").select_option("dmy")
    page.get_by_label("Times without an offset are").select_option("utc")
    page.get_by_label("The emission factors in the file").select_option("file")
    page.get_by_role("button", name="Read it like this").click()
    page.get_by_role("heading", name="20 bundles").wait_for()
    see("import-check")
    page.get_by_label("Document by which that registry").fill("Cancellation statement 4711")
    page.get_by_role("button", name="Hand it in for the auditor").click()
    page.get_by_role("heading", name="An auditor compares").wait_for()
    see("import-waits")
    watch_it_come_in(page, see)
    page.get_by_role("link", name="See the certificates").click()
    page.get_by_role("heading", name="Abroad").first.wait_for()
    visit(reverse("generator_plant", args=[abroad.gsrn]))
    see("import-plant")


def february():
    """Twenty hours, their dates and times as Britons write them."""
    return [
        line
        | {
            "production_starting_interval": f"01/02/2018 {n:02}:00",
            "production_ending_interval": f"01/02/2018 {n + 1:02}:00",
            "emissions_factor_production_device": "11.5",
            "expiry_datestamp": "2030-01-01",
        }
        for n, line in enumerate(hours(20, wh=2_400_000))
    ]


def watch_it_come_in(page, see):
    """An auditor accepts; the page follows the worker."""
    made = CertificateImport.objects.get(name="february.csv")
    certificate_imports.accept(brought=made, now=NOW, actor="auditor")
    CertificateImport.objects.update(lines_done=8)
    page.reload()
    page.get_by_text("8 of 20 lines are read").wait_for()
    see("import-read")
    CertificateImport.objects.update(lines_done=20)
    page.get_by_role("heading", name="the certificates are written").wait_for()
    bring_in(import_id=made.pk, now=NOW)
    page.get_by_role("heading", name="came in").wait_for()
    see("import-done")


def test_a_paper_is_added_and_withdrawn(page, visit, enter, trail, see, tmp_path, watch):
    watch.allow("422")
    enter(trail.user)
    visit(reverse("generator_plant", args=[trail.device.gsrn]))
    paper = tmp_path / "grid connection.pdf"
    paper.write_bytes(b"%PDF-1.7 grid connection")
    wrong = tmp_path / "letter.doc"
    wrong.write_bytes(b"a letter")
    page.locator("summary", has_text="Add a paper").click()
    page.get_by_label("File", exact=True).set_input_files(wrong)
    page.get_by_role("button", name="Add it").click()
    page.get_by_text("Papers are PDF, PNG or JPEG files").wait_for()
    see("papers-refused")
    page.get_by_label("What is it?").select_option("grid_connection")
    page.get_by_label("File", exact=True).set_input_files(paper)
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("link", name="grid connection.pdf").wait_for()
    see("papers")
    page.get_by_role("button", name="Withdraw grid connection.pdf").click()
    page.get_by_role("link", name="grid connection.pdf").wait_for(state="detached")
