"""A confirmed file through a real queue and worker, and after a kill -9 in its middle."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from certificates.models import Membership, Role, User
from charging import tasks
from charging.models import Receipt, Session, SessionDraft, SessionFile
from charging.services.sessions.drafts import confirm, unfinished, upload
from tests.charging.services.sessions.test_holds import GB, HEADER, row
from tests.processes import kill, start, wait_until_it_says

ROWS = "\n".join([HEADER, *(row(n) for n in range(20)), ""]).encode()


@pytest.fixture
def person(transactional_db, company, great_britain):
    user = User.objects.create_user("company@example.org", "correct horse battery")
    Membership.objects.create(user=user, organisation=company, role=Role.CHARGING_COMPANY)
    return user


def release(company, person, *, hours_ago=0):
    then = timezone.now() - timedelta(hours=hours_ago)
    file = SimpleUploadedFile("night.csv", ROWS)
    draft = upload(organisation=company, user=person, file=file, area=GB, now=then)
    confirm(organisation=company, draft_id=draft.pk, user=person, now=then)
    return draft


def counts():
    return Session.objects.count(), Receipt.objects.count(), SessionFile.objects.count()


def test_a_file_that_a_person_confirms_is_imported_by_the_worker(
    worker, eventually, client, company, person
):
    client.force_login(person)
    sent = client.post(
        "/company/sessions/import/", {"file": SimpleUploadedFile("night.csv", ROWS), "area": GB}
    )
    for _ in range(2):
        client.post(sent["Location"], {"act": "confirm"})
    assert eventually(lambda: SessionDraft.objects.get().status == "imported")
    assert counts() == (20, 20, 1)
    assert "20 of 20 rows are charges now" in client.get(sent["Location"]).text


def test_an_import_that_is_killed_leaves_nothing_and_the_sweep_ends_it(
    worker, eventually, company, person, data_dir
):
    draft = release(company, person, hours_ago=1)
    process = start("tests.charging.slow_import", draft.pk, timezone.now().isoformat())
    wait_until_it_says(process, "written")
    draft.refresh_from_db()
    assert (draft.status, draft.rows_done, draft.rows) == ("importing", 20, 20)
    kill(process)
    assert counts() == (0, 0, 0)
    tasks.sweep.delay()
    tasks.sweep.delay()
    assert eventually(lambda: SessionDraft.objects.get().status == "imported")
    assert counts() == (20, 20, 1)


def test_a_task_that_was_killed_after_the_import_finds_it_done(company, person, now):
    draft = release(company, person)
    body = bytes(SessionDraft.objects.get().body)
    tasks.import_session_draft(draft.pk)
    SessionDraft.objects.update(status="importing", body=body, file=None)
    tasks.import_session_draft(draft.pk)
    assert SessionDraft.objects.get().file == SessionFile.objects.get()
    assert counts() == (20, 20, 1)


def test_without_a_queue_the_page_answers_and_the_sweep_is_left_to_ask(client, company, person):
    client.force_login(person)
    file = SimpleUploadedFile("night.csv", ROWS)
    sent = client.post("/company/sessions/import/", {"file": file, "area": GB})["Location"]
    assert client.post(sent, {"act": "confirm"})["Location"] == sent
    assert "next in the queue" in client.get(sent).text
    draft = SessionDraft.objects.get()
    assert unfinished(timezone.now()) == []
    assert unfinished(timezone.now() + timedelta(hours=1)) == [draft.pk]


def test_the_sweep_drops_what_nobody_said_yes_to_for_a_day(company, person):
    then = timezone.now() - timedelta(hours=25)
    file = SimpleUploadedFile("night.csv", ROWS)
    upload(organisation=company, user=person, file=file, area=GB, now=then)
    released = release(company, person)
    tasks.drop_old(now=timezone.now())
    assert list(SessionDraft.objects.all()) == [released]
