"""A company imports, looks, decides; nobody else sees or decides its rows."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from certificates.models import Membership, Role, User
from charging.domain.layout_guess import guess
from charging.models import ChargeFinding, Session, SessionDraft, SessionFile, SessionRow
from charging.queries.session_layouts import layout_for
from charging.services import session_drafts
from charging.tasks import import_session_draft
from tests.charging.conftest import make_organisation
from tests.charging.services.test_holds import GB, HEADER, row

LIST, IMPORT = "/company/sessions/", "/company/sessions/import/"


@pytest.fixture
def desk(client, company, great_britain):
    user = User.objects.create_user("company@example.org", "correct horse battery")
    Membership.objects.create(user=user, organisation=company, role=Role.CHARGING_COMPANY)
    client.force_login(user)
    return client


def send(desk, *rows, area=GB, name="night.csv"):
    data = "\n".join([HEADER, *rows, ""]).encode()
    answer = desk.post(IMPORT, {"file": SimpleUploadedFile(name, data), "area": area})
    return answer["Location"]


def bring(desk, *rows, **more):
    """Send, say yes, and let the worker do its part; where the file is shown."""
    where = send(desk, *rows, **more)
    desk.post(where, {"act": "confirm"})
    import_session_draft(SessionDraft.objects.latest("pk").pk)
    return where


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


def test_files_are_shown_beside_the_charges_and_the_old_address_leads_there(desk):
    bring(desk, row(1), row(2, end="NA"), name="a.csv")
    bring(desk, row(3), row(4, end="NA"), row(5, end="NA"), name="b.csv")
    old = desk.get("/company/files/")
    assert (old.status_code, old["Location"]) == (301, LIST)
    page = desk.get(LIST).text
    assert "/company/files/" not in page
    assert "3 rows wait" in page
    newest = SessionFile.objects.get(name="b.csv").pk
    assert "2 held for you" in desk.get(f"{LIST}?show=held&file={newest}").text
    assert "1 accepted" in desk.get(f"{LIST}?file={newest}").text
    for odd in ("x", "9" * 40, "-1", str(newest + 1)):
        assert "2 accepted" in desk.get(LIST, {"file": odd}).text


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


def test_another_layout_is_chosen_by_a_person_and_a_wrong_one_is_said(desk):
    data = b"Box;von;bis;Wh\n7;2026-03-01T10:00Z;2026-03-01T11:00Z;1234\n"
    answer = desk.post(IMPORT, {"file": SimpleUploadedFile("x.csv", data), "area": GB})
    where = answer["Location"]
    assert "Choose the column for charger" in desk.get(where).text
    layout = {
        "profile": "mapped",
        "charger": "Box",
        "start_date": "von",
        "end_date": "bis",
        "energy": "Wh",
        "energy_unit": "Wh",
        "area": GB,
        "final": "on",
    }
    desk.post(where, {**layout, "timezone": "Mars/Olympus"})
    assert "no time zone" in desk.get(where).text
    desk.post(where, layout)
    desk.post(where, {"act": "confirm"})
    import_session_draft(SessionDraft.objects.get().pk)
    assert (Session.objects.get().energy_wh, Session.objects.get().final) == (1_234, True)


def test_an_own_layout_says_what_its_chargers_give_and_how_long_cars_stay(desk):
    data = (
        b"Box,from,to,kWh\n"
        b"7,2026-03-01T10:00Z,2026-03-01T11:00Z,30\n"
        b"7,2026-03-02T10:00Z,2026-03-04T10:00Z,30\n"
    )
    sent = desk.post(IMPORT, {"file": SimpleUploadedFile("x.csv", data), "area": GB})["Location"]
    layout = {"charger": "Box", "start_date": "from", "end_date": "to", "energy": "kWh"}
    layout |= {"profile": "mapped", "area": GB}
    page = desk.get(sent).text
    assert 'value="350"' in page
    desk.post(sent, layout)
    assert "The charge lasts longer than 24 hours" in desk.get(sent).text
    desk.post(sent, {**layout, "long_stays": "on", "max_power_kw": "22"})
    page = desk.get(sent).text
    assert "0 of 2 rows are charges" in page
    assert "More energy than the charger can give" in page
    assert SessionDraft.objects.get().options["mapping"]["max_power_w"] == 22_000
    for odd in ("many", "9" * 6, "-1", "\u0662"):
        desk.post(sent, {**layout, "max_power_kw": odd})
        page = desk.get(sent).text
        assert "cannot be read like this" in page
        assert "max_power_w must be a whole number" in page
    desk.post(sent, {**layout, "long_stays": "on", "max_power_kw": "50"})
    desk.post(sent, {"act": "confirm"})
    import_session_draft(SessionDraft.objects.get().pk)
    assert (Session.objects.count(), SessionRow.objects.get().proposals[0]["kind"]) == (1, "long")


def test_a_layout_that_was_chosen_is_chosen_again_for_such_columns(desk, company):
    layout = {"charger": "Box", "start_date": "von", "end_date": "bis", "energy": "Arbeit",
              "decimal": ",", "timezone": "Europe/Berlin", "stamps": "dd.mm.yyyy"}  # fmt: skip
    head = "Box;von;bis;Arbeit"
    first = f"{head}\n7;01.03.2026 10:00;01.03.2026 11:00;1,5\n".encode()
    answer = desk.post(IMPORT, {"file": SimpleUploadedFile("march.csv", first), "area": GB})
    desk.post(answer["Location"], {"profile": "mapped", "area": GB, **layout})
    desk.post(answer["Location"], {"act": "confirm"})
    import_session_draft(SessionDraft.objects.get().pk)
    second = f"{head};Ort\n7;01.04.2026 10:00;01.04.2026 11:00;2,5;Hof\n".encode()
    sent = {"file": SimpleUploadedFile("april.csv", second), "area": GB}
    page = desk.get(desk.post(IMPORT, sent)["Location"]).text
    assert "1 of 1 rows are charges" in page
    assert "As you chose for march.csv" in page
    other = make_organisation("Other", "other", Role.CHARGING_COMPANY)
    assert layout_for(other, ["Box", "von", "bis", "Arbeit"])["mapping"] == {}
    assert layout_for(company, ["Box", "von", "bis"])["mapping"] == {}


@pytest.mark.parametrize("data", [b"", b"\x00\x01", b"PK\x03\x04no workbook", b"\x1f\x8bno gzip"])
def test_what_is_no_table_is_refused_in_words(desk, data):
    answer = desk.post(IMPORT, {"file": SimpleUploadedFile("x.bin", data)}, follow=True)
    assert "not taken" in answer.text or "cannot be read" in answer.text
    assert not SessionFile.objects.exists()


def test_held_rows_are_decided_on_the_page(desk):
    bring(desk, row(1), row(2, end="NA"), row(4, end="NA"))
    page = desk.get(f"{LIST}?show=held").text
    assert "Take the end from the stated duration" in page
    first, second = SessionRow.objects.filter(status="held").order_by("line")
    answer = desk.post(f"{LIST}rows/{first.pk}/", {"choice": "0"}, follow=True)
    assert "is a charge now" in answer.text
    answer = desk.post(f"{LIST}rows/{second.pk}/", {"choice": "leave"}, follow=True)
    assert "is left out" in answer.text
    for choice in ("0", "9", "9" * 5_000, "x", ""):
        answer = desk.post(f"{LIST}rows/{second.pk}/", {"choice": choice}, follow=True)
        assert "decided before" in answer.text or "no such proposal" in answer.text
    assert Session.objects.count() == 2
    for show in ("accepted", "held", "rejected", "repaired", "duplicate", "<script>"):
        assert desk.get(LIST, {"show": show, "page": "x"}).status_code == 200


def test_rejected_rows_download_and_formulas_are_harmless(desk):
    bring(desk, row("=1", end="NA", hours="NA"))
    file = SessionFile.objects.get()
    answer = desk.get(f"{LIST}files/{file.pk}/rejected.csv")
    text = answer.getvalue().decode()
    assert text.startswith(f"{HEADER};line;reasons\r\n'=1;AdO3;")
    assert text.endswith(";2;End_plugout: The end is missing.\r\n")
    assert desk.get(f"{LIST}files/{file.pk + 1}/rejected.csv").status_code == 404


def test_findings_are_the_company_s_and_an_auditor_s(desk, client, company, now):
    bring(desk, row(1))
    ChargeFinding.objects.create(
        session=Session.objects.get(),
        code="overlap",
        sentence="Two at once.",
        digest="d" * 64,
        found_at=now,
    )
    assert "Two at once." in desk.get("/company/findings/").text
    assert "Two at once." not in desk.get("/company/findings/?code=cost").text
    stranger = User.objects.create_user("x@example.org", "correct horse battery", is_staff=True)
    client.force_login(stranger)
    for path in ("/company/findings/", LIST, IMPORT):
        assert client.get(path).status_code == 403
    watch = make_organisation("Watch", "watch", Role.AUDITOR)
    Membership.objects.create(user=stranger, organisation=watch, role=Role.AUDITOR)
    assert "Council chargers" in client.get("/company/findings/").text


def test_columns_are_guessed_for_a_layout_nobody_knows():
    chosen = guess(["Station", "Start time", "End time", "Energy kWh", "Address"])
    assert chosen["mapping"] == {
        "charger": "Station",
        "start_date": "Start time",
        "end_date": "End time",
        "energy": "Energy kWh",
        "site": "Address",
    }
