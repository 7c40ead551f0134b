"""A company looks at its charges and rows, and decides; nobody else sees them."""

from certificates.models import Membership, Role, User
from charging.models import ChargeFinding, Session, SessionFile, SessionRow
from tests.charging.conftest import make_organisation
from tests.charging.services.sessions.test_holds import HEADER, row
from tests.charging.views.uploads import IMPORT, LIST, bring


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
