"""What waits for a person is on the auditor's first page, the longest first."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates.models import Device, Reading, User
from charging.models import Cdr, ConnectionMessage, MatchingRun, SessionFile, SessionRow
from config.attention import COUNTED, attention
from ledger.models import AuditEvent, Batch, Entry, OutboxItem
from tests.trail import make_auditor, make_trail

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def auditor(client):
    user = make_auditor()
    client.force_login(user)
    return user


@pytest.fixture
def trail():
    """A trail in which something of every kind waits."""
    made = make_trail(0)
    Reading.objects.update(status=Reading.Status.HELD)
    SessionRow.objects.update(status=SessionRow.Status.HELD)
    SessionFile.objects.update(status=SessionFile.Status.FAILED)
    Cdr.objects.update(status=Cdr.Status.HELD, hold=Cdr.Hold.AREA_UNKNOWN)
    ConnectionMessage.objects.update(is_alarm=True, at=NOW)
    Batch.objects.update(status=Batch.Status.REVERTED)
    Device.objects.update(status=Device.Status.SUBMITTED)
    return made


def titles(now=NOW) -> list[str]:
    return [queue.title for queue in attention(now)]


def test_every_kind_of_waiting_is_told_and_leads_to_its_rows(client, auditor, trail):
    queues = attention(NOW)
    assert {queue.title for queue in queues} >= {
        "Held readings",
        "Held session rows",
        "Held charge records (CDRs)",
        "Alarms from connections, 30 days",
        "Session files that failed",
        "Refused by the chain",
        "Devices to approve",
    }
    body = client.get(reverse("admin:index")).text
    for queue in queues:
        assert queue.url.replace("&", "&amp;") in body
        page = client.get(queue.url)
        assert page.status_code == 200, queue.url  # a filter that the list does not know redirects
        assert page.context["cl"].result_count >= queue.count, queue.url


def test_the_longest_wait_comes_first():
    make_trail(0)
    Reading.objects.update(status=Reading.Status.HELD)
    SessionFile.objects.update(
        status=SessionFile.Status.FAILED, uploaded_at=NOW - timedelta(days=9000)
    )
    waits = [queue.since or NOW for queue in attention(NOW)]
    assert waits == sorted(waits)
    assert titles()[0] == "Session files that failed"


def test_an_act_waits_for_the_chain_only_after_a_while():
    make_trail(0)
    OutboxItem.objects.update(status=OutboxItem.Status.SUBMITTED)
    posted = Entry.objects.earliest("posted_at").posted_at
    waiting = "Waiting for the chain for over an hour"
    assert waiting not in titles(posted + timedelta(minutes=59))
    assert waiting in titles(posted + timedelta(minutes=61))


def test_an_old_alarm_is_let_go():
    make_trail(0)
    ConnectionMessage.objects.update(is_alarm=True, at=NOW - timedelta(days=31))
    assert not any(title.startswith("Alarms") for title in titles())


def test_a_check_that_found_something_or_is_old_is_told():
    event = AuditEvent.objects.create(
        at=NOW, actor="a", action="consistency.checked", subject="b", detail={"consistent": True}
    )
    assert titles() == []
    assert titles(NOW + timedelta(days=2)) == ["Not checked for over a day"]
    AuditEvent.objects.create(
        at=NOW, actor="a", action="consistency.checked", subject="b", detail={"consistent": False}
    )
    assert titles() == ["The last check found something"]
    assert event.pk


def test_a_long_queue_stops_counting(monkeypatch):
    monkeypatch.setattr("config.attention.COUNTED", 1)
    for n in range(3):
        make_trail(n)
    Reading.objects.update(status=Reading.Status.HELD)
    (held,) = [queue for queue in attention(NOW) if queue.title == "Held readings"]
    assert (held.count, held.more) == (2, True)
    assert COUNTED == 1_000


def test_staff_who_are_no_auditors_see_no_queues(client, trail):
    client.force_login(User.objects.create_user("staff@example.org", "x", is_staff=True))
    assert "Needs attention" not in client.get(reverse("admin:index")).text


def test_nothing_waits_in_a_new_registry(client, auditor):
    assert "Nothing waits for anybody" in client.get(reverse("admin:index")).text


def test_the_page_of_a_run_leads_to_what_the_checker_found(client, auditor, trail):
    run = MatchingRun.objects.get().pk
    body = client.get(reverse("admin:charging_matchingrun_change", args=[run])).text
    assert reverse("company-run", args=[run]) in body
    assert "Older than the checker" in body
