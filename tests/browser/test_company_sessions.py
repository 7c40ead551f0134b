"""Importing a file, deciding what it left open, and findings, in a real browser."""

import pytest

from charging.models import SessionDraft
from charging.services.reconciling import reconcile_waiting
from charging.tasks import import_session_draft
from tests.charging.services.sessions.test_holds import GB, HEADER, generic, row

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("great_britain")
def test_a_file_is_imported_and_its_held_row_decided(desk, visit, see):
    page = visit("/company/sessions/import/")
    see("import")
    rows = [HEADER, row(1), row(2, end="NA"), row(3, end="NA", hours="NA"), ""]
    content = {"name": "night.csv", "mimeType": "text/csv", "buffer": "\n".join(rows).encode()}
    page.get_by_label("File of charges", exact=True).set_input_files(content)
    page.get_by_label("Bidding area of the chargers").select_option(GB)
    page.get_by_role("button", name="See what the file says").click()
    page.get_by_role("heading", name="1 of 3 rows are charges").wait_for()
    see("import-preview")
    page.get_by_role("button", name="Import the file").click()
    page.get_by_role("heading", name="Reading the file").wait_for()
    see("import-running")
    import_session_draft(SessionDraft.objects.get().pk)
    page.get_by_role("heading", name="1 of 3 rows are charges now").wait_for()
    see("import-done")
    page.get_by_role("link", name="Decide what is held").click()
    page.get_by_role("heading", name="Charges: held for you to decide").wait_for()
    see("sessions-held")
    page.get_by_role("link", name="Decide 1 row together").click()
    page.get_by_label("Take each end from the stated duration.").check()
    page.get_by_role("button", name="See what this would do").click()
    page.get_by_role("heading", name="What this would do").wait_for()
    see("held-cause")
    page.get_by_role("link", name="night.csv: held").click()
    page.get_by_role("button", name="Take the end from the stated duration").click()
    page.get_by_text("Line 3 of night.csv is a charge now.").wait_for()
    page.get_by_label("Show", exact=True).select_option("accepted")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("heading", name="2 accepted").wait_for()
    see("sessions-accepted")


def test_findings_are_accessible_in_every_look(desk, visit, company, now, see):
    generic(
        company,
        now,
        "A,EV-1,1,2026-03-01T10:00Z,2026-03-01T11:00Z,10,Mill Street",
        "B,EV-1,1,2026-03-01T10:30Z,2026-03-01T12:00Z,11,Mill Street",
    )
    reconcile_waiting(now=now)
    page = visit("/company/findings/")
    assert page.get_by_role("heading", name="2 contradictions in charges").is_visible()
    see("findings")
    page.get_by_role("link", name="A", exact=True).click()
    page.get_by_role("heading", name="What contradicts").wait_for()
    see("charge-findings")
