"""A company imports, looks, decides; nobody else sees or decides its rows."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from certificates.models import Membership, Role, User
from charging.models import ChargeFinding, Session, SessionDraft, SessionFile, SessionRow
from charging.services.session_drafts import guess
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


def test_a_file_is_shown_before_it_counts_and_imported_once(desk):
    where = send(desk, row(1), row(2, end="NA"), row(3, end="NA", hours="NA"))
    page = desk.get(where).text
    assert "1 of 3 rows are charges" in page
    assert "The end is missing." in page
    assert not Session.objects.exists()
    done = desk.post(where, {"act": "confirm"})
    assert done["Location"] == f"{LIST}?show=held"
    assert not SessionDraft.objects.exists()
    again = desk.post(where, {"act": "confirm"}, follow=True)
    assert "was imported or has expired" in again.text
    assert (Session.objects.count(), SessionFile.objects.count()) == (1, 1)


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
    assert (Session.objects.get().energy_wh, Session.objects.get().final) == (1_234, True)


@pytest.mark.parametrize("data", [b"", b"\x00\x01", b"PK\x03\x04no workbook", b"\x1f\x8bno gzip"])
def test_what_is_no_table_is_refused_in_words(desk, data):
    answer = desk.post(IMPORT, {"file": SimpleUploadedFile("x.bin", data)}, follow=True)
    assert "not taken" in answer.text or "cannot be read" in answer.text
    assert not SessionFile.objects.exists()


def test_held_rows_are_decided_on_the_page(desk):
    desk.post(send(desk, row(1), row(2, end="NA"), row(4, end="NA")), {"act": "confirm"})
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
    desk.post(send(desk, row("=1", end="NA", hours="NA")), {"act": "confirm"})
    file = SessionFile.objects.get()
    answer = desk.get(f"{LIST}files/{file.pk}/rejected.csv")
    text = answer.getvalue().decode()
    assert text.startswith("line,reasons,row\r\n2,End_plugout")
    assert "'=1;AdO3" in text
    assert desk.get(f"{LIST}files/{file.pk + 1}/rejected.csv").status_code == 404


def test_findings_are_the_company_s_and_an_auditor_s(desk, client, company, now):
    desk.post(send(desk, row(1)), {"act": "confirm"})
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
