"""Files of charges over the API: taken at once, imported by the worker, asked for afterwards."""

import io
from unittest.mock import Mock

import pytest
from django.db import OperationalError
from django.utils import timezone

from charging.models import Session, SessionDraft
from charging.services.sessions import drafts as session_drafts
from charging.services.sessions.drafts import drop_old, import_draft
from ledger.models import AuditEvent

HEAD = "session_id,charger,connector,started_at,ended_at,energy_kwh,site"
ROWS = [
    f"f{n},X{n},1,2018-03-01T10:00Z,2018-03-01T11:00Z,{kwh},Mill" for n, kwh in enumerate("120")
]


@pytest.fixture(autouse=True)
def charging_company(trail):
    trail.company.roles.get_or_create(role="charging_company")


@pytest.fixture
def send(call, trail):
    def post(key="k", rows=ROWS, head=HEAD, **more):
        file = io.BytesIO("\n".join([head, *rows, ""]).encode())
        file.name = "night.csv"
        sent = {"file": file, "profile": "generic", "area": trail.area.code, "final": True, **more}
        return call("post", "session-files/", key=key, multipart=True, data=sent)

    return post


def test_a_file_is_taken_imported_by_the_worker_and_asked_for(call, send):
    answer = send()
    assert answer.status_code == 202, answer.json()
    told = answer.json()
    assert (told["status"], told["report"]) == ("importing", None)
    assert answer["Location"] == f"/api/v1/session-files/{told['id']}/"
    before = Session.objects.count()
    for _ in range(2):
        import_draft(draft_id=told["id"], now=timezone.now())
    done = call("get", f"session-files/{told['id']}/").json()
    assert (done["status"], done["failure"]) == ("imported", "")
    report = done["report"]
    assert (report["rows"], report["accepted"], report["rejected"]) == (3, 2, 1)
    assert report["errors"][0]["line"] == 4
    assert Session.objects.count() == before + 2
    event = AuditEvent.objects.get(action="sessions.import")
    assert event.actor == AuditEvent.objects.get(action="session_draft.received").actor != "command"


def test_one_key_is_one_file_and_the_same_file_is_imported_once(call, send):
    first, again = send("a").json(), send("a").json()
    assert first["id"] == again["id"]
    second = send("b").json()
    assert second["id"] != first["id"]
    before = Session.objects.count()
    for draft in SessionDraft.objects.all():
        import_draft(draft_id=draft.pk, now=timezone.now())
    assert Session.objects.count() == before + 2
    reports = [
        call("get", f"session-files/{each['id']}/").json()["report"] for each in (first, second)
    ]
    assert reports[0] == reports[1]


@pytest.mark.parametrize(
    ("error", "status"), [(OperationalError("locked"), "importing"), (KeyError("x"), "failed")]
)
def test_a_busy_database_fails_no_file_and_our_own_fault_does(
    call, send, monkeypatch, error, status
):
    told = send().json()
    monkeypatch.setattr(session_drafts, "import_sessions", Mock(side_effect=error))
    with pytest.raises(type(error)):
        import_draft(draft_id=told["id"], now=timezone.now())
    assert call("get", f"session-files/{told['id']}/").json()["status"] == status


def test_the_period_selects_as_it_did(call, send):
    told = send(starts_from="2018-03-02T00:00Z", starts_before="2018-04-01T00:00Z").json()
    import_draft(draft_id=told["id"], now=timezone.now())
    assert call("get", f"session-files/{told['id']}/").json()["report"]["skipped"] == 3


def test_a_dry_run_is_answered_at_once_and_keeps_nothing(send):
    before = Session.objects.count()
    answer = send(dry_run=True)
    assert (answer.status_code, answer.json()["accepted"]) == (200, 2)
    assert not SessionDraft.objects.filter(status="importing").exists()
    assert Session.objects.count() == before


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"profile": "nothing"}, 422, "unknown_profile"),
        ({"area": "nowhere"}, 422, "unknown_area"),
        ({"head": "a,b"}, 422, "missing_columns"),
        ({"rows": []}, 422, "unreadable_file"),
        ({"starts_from": "2019-01-01T00:00Z", "starts_before": "2018-01-01T00:00Z"}, 422,
         "invalid_period"),
    ],
)  # fmt: skip
def test_what_speaks_against_a_whole_file_is_said_at_once(send, changes, status, code):
    answer = send(**changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not SessionDraft.objects.filter(status="importing").exists()


def test_a_company_without_the_role_sends_no_file(send, trail):
    trail.company.roles.filter(role="charging_company").delete()
    assert send().status_code == 403


def test_nobody_else_asks_for_a_file(call, send, other):
    number = send().json()["id"]
    theirs = call.key(other.company)
    assert call("get", f"session-files/{number}/", secret=theirs).status_code == 404


def test_files_do_not_pile_up(send, monkeypatch):
    monkeypatch.setattr(session_drafts, "MOST_WAITING", 1)
    assert send("a").status_code == 202
    answer = send("b", rows=ROWS[:1])
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_files")
    import_draft(draft_id=SessionDraft.objects.get().pk, now=timezone.now())
    assert send("b", rows=ROWS[:1]).status_code == 202


def test_a_file_on_its_way_outlasts_the_day_and_one_that_arrived_does_not(call, send):
    number = send().json()["id"]
    later = timezone.now() + 2 * session_drafts.KEPT
    drop_old(now=later)
    import_draft(draft_id=number, now=timezone.now())
    assert call("get", f"session-files/{number}/").status_code == 200
    drop_old(now=later)
    assert call("get", f"session-files/{number}/").status_code == 404
