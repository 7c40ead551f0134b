"""A person says how a file of another layout is to be read, once."""

from django.core.files.uploadedfile import SimpleUploadedFile

from certificates.models import Role
from charging.models import Session, SessionDraft, SessionRow
from charging.queries.company.layouts import layout_for
from charging.tasks import import_session_draft
from tests.charging.conftest import make_organisation
from tests.charging.services.sessions.test_holds import GB
from tests.charging.views.uploads import IMPORT


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
