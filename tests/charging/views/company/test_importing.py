"""A file is seen before it counts, imported once by the worker, and refused in words."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from certificates.models import Membership, Role, User
from charging.models import Session, SessionDraft, SessionFile
from charging.services.sessions import drafts as session_drafts
from charging.tasks import import_session_draft
from tests.charging.conftest import make_organisation
from tests.charging.services.sessions.test_holds import GB, row
from tests.charging.views.uploads import IMPORT, LIST, send


def test_a_file_is_shown_before_it_counts_and_imported_once_by_the_worker(desk):
    where = send(desk, row(1), row(2, end="NA"), row(3, end="NA", hours="NA"))
    page = desk.get(where).text
    assert "1 of 3 rows are charges" in page
    assert "The end is missing." in page
    for _ in range(2):  # a double click
        assert desk.post(where, {"act": "confirm"})["Location"] == where
    draft = SessionDraft.objects.get()
    assert (draft.status, Session.objects.count()) == ("importing", 0)
    assert "next in the queue" in desk.get(where).text
    for _ in range(2):  # two tasks
        import_session_draft(draft.pk)
    page = desk.get(where).text
    assert "1 of 3 rows are charges now" in page
    assert f"{LIST}?show=held&amp;file={SessionFile.objects.get().pk}" in page
    assert (Session.objects.count(), SessionFile.objects.count()) == (1, 1)
    draft.refresh_from_db()
    assert (draft.status, draft.rows, draft.rows_done, bytes(draft.body)) == ("imported", 3, 3, b"")
    desk.post(where, {"act": "confirm"})
    desk.post(where, {"profile": "generic"})
    draft.refresh_from_db()
    assert (draft.status, draft.options["profile"]) == ("imported", "trondheim")


def test_the_page_asks_how_far_it_is_until_the_end(desk):
    where = send(desk, row(1))
    desk.post(where, {"act": "confirm"})
    SessionDraft.objects.update(rows=1_000, rows_done=500)
    answer = desk.get(f"{where}progress/")
    assert (answer.status_code, "500 of 1,000 rows are read" in answer.text) == (200, True)
    SessionDraft.objects.update(rows_done=1_000)
    assert "Writing down the charges" in desk.get(where).text
    assert 'http-equiv="refresh"' in desk.get(where).text
    import_session_draft(SessionDraft.objects.get().pk)
    assert desk.get(f"{where}progress/").status_code == 286


def test_of_a_long_file_the_first_rows_are_shown_and_all_are_imported(desk, monkeypatch):
    monkeypatch.setattr(session_drafts, "MOST_ROWS", 2)
    whole = send(desk, row(1), row(2), name="two.csv")
    assert "2 of 2 rows are charges" in desk.get(whole).text
    where = send(desk, *(row(n) for n in range(5)))
    page = desk.get(where).text
    assert "2 of the first 2 rows are charges" in page
    assert "The file is longer." in page
    desk.post(where, {"act": "confirm"})
    import_session_draft(SessionDraft.objects.latest("pk").pk)
    assert "5 of 5 rows are charges now" in desk.get(where).text


def test_rows_held_for_want_of_an_area_alone_are_said_before_the_import(desk):
    where = send(desk, row(1), row(2), row(3, end="NA"), area="")
    assert "2 rows are held only because we do not know the bidding area" in desk.get(where).text
    desk.post(where, {"profile": "trondheim", "area": GB})
    assert "held only because" not in desk.get(where).text


def test_a_file_that_is_refused_says_why_and_can_be_read_otherwise(desk, company):
    where = send(desk, row(1))
    SessionDraft.objects.update(options={"profile": "generic", "area": GB})
    desk.post(where, {"act": "confirm"})
    import_session_draft(SessionDraft.objects.get().pk)
    page = desk.get(where).text
    assert "The file was not imported" in page
    assert "the columns charger" in page
    assert "the columns charger" in desk.get(LIST).text
    assert "How we read it" in desk.get(f"{where}?again").text
    desk.post(where, {"profile": "trondheim", "area": GB})
    assert SessionDraft.objects.get().status == "waiting"
    desk.post(where, {"act": "confirm"})
    import_session_draft(SessionDraft.objects.get().pk)
    assert Session.objects.count() == 1


def test_a_fault_of_ours_is_said_and_raised_and_can_be_tried_again(desk, monkeypatch):
    where = send(desk, row(1))
    desk.post(where, {"act": "confirm"})
    draft = SessionDraft.objects.get().pk
    with monkeypatch.context() as broken:
        broken.setattr(session_drafts, "import_sessions", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            import_session_draft(draft)
    assert "wrong on our side" in desk.get(where).text
    desk.post(where, {"act": "confirm"})
    import_session_draft(draft)
    assert Session.objects.count() == 1


def test_an_upload_on_its_way_is_never_dropped_for_others(desk):
    first = send(desk, row(1))
    desk.post(first, {"act": "confirm"})
    SessionDraft.objects.update(uploaded_at=timezone.now() - timedelta(days=3))
    for n in range(7):
        send(desk, row(n))
    assert desk.get(first).status_code == 200
    assert SessionDraft.objects.count() == 6


def test_a_draft_is_sealed_and_of_one_company(desk, client):
    where = send(desk, row(1))
    assert b"AdO3" not in bytes(SessionDraft.objects.get().body)
    other = make_organisation("Other", "other", Role.CHARGING_COMPANY)
    user = User.objects.create_user("other@example.org", "correct horse battery")
    Membership.objects.create(user=user, organisation=other, role=Role.CHARGING_COMPANY)
    client.force_login(user)
    assert client.get(where).status_code == 404
    client.post(where, {"act": "confirm"})
    assert not Session.objects.exists()


def test_a_company_has_few_drafts_at_a_time(desk):
    places = [send(desk, row(n)) for n in range(7)]
    assert SessionDraft.objects.count() == 5
    assert desk.get(places[0]).status_code == 404
    assert desk.get(places[-1]).status_code == 200


@pytest.mark.parametrize("data", [b"", b"\x00\x01", b"PK\x03\x04no workbook", b"\x1f\x8bno gzip"])
def test_what_is_no_table_is_refused_in_words(desk, data):
    answer = desk.post(IMPORT, {"file": SimpleUploadedFile("x.bin", data)}, follow=True)
    assert "not taken" in answer.text or "cannot be read" in answer.text
    assert not SessionFile.objects.exists()


def test_text_of_an_older_program_is_read_and_said_before_the_import(desk):
    where = send(desk, row(1).replace("Private", "Café"), encoding="cp1252")
    assert "it was read as Windows-1252" in desk.get(where).text
